# fish completion for disk2iso
set -l commands daemon status devices jobs archives verify logs health catalog validate plan explain config migrate approve reload wake help

complete -c disk2iso -f
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -l version -d 'Show the version'
complete -c disk2iso -l help -d 'Show help'
complete -c disk2iso -l json -d 'Answer in JSON'
complete -c disk2iso -l socket -r -F -d 'Socket of the daemon'
complete -c disk2iso -l config -r -F -d 'Configuration of the daemon'

complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a daemon -d 'Run the station in the foreground'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a status -d 'How the station is'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a devices -d 'The drives and what is in them'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a jobs -d 'List, show, pause, resume and cancel jobs'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a archives -d 'List and show finished images'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a verify -d 'Read an image again and compare its checksums'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a logs -d 'What happened'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a health -d 'Whether the station works; the exit status tells'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a catalog -d 'The catalog of jobs and archives'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a validate -d 'Look for mistakes in a configuration'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a plan -d 'What the station would do under a file'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a explain -d 'Which rule decided'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a config -d 'Get, set and history of the configuration'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a migrate -d 'Print an older configuration in the form of today'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a wake -d 'Let the daemon look at its drives now'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a approve -d 'Let deletions go ahead that wait for a person'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a reload -d 'Read the configuration again and wait for the outcome'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a help -d 'Help for a command'

complete -c disk2iso -n '__fish_seen_subcommand_from jobs' -a 'list show pause resume cancel'
complete -c disk2iso -n '__fish_seen_subcommand_from jobs' -l status -x -a 'all queued running paused interrupted completed failed cancelled' -d 'Only these'
complete -c disk2iso -n '__fish_seen_subcommand_from jobs' -l sort -x -a 'created updated name' -d Order
complete -c disk2iso -n '__fish_seen_subcommand_from archives' -a 'list show pin unpin restore'
complete -c disk2iso -n '__fish_seen_subcommand_from archives' -l strays -d 'Files that belong to no archive'
complete -c disk2iso -n '__fish_seen_subcommand_from jobs archives logs' -l limit -x -d 'At most so many'
complete -c disk2iso -n '__fish_seen_subcommand_from jobs archives' -l offset -x -d 'Pass over so many'
complete -c disk2iso -n '__fish_seen_subcommand_from logs' -s f -l follow -d 'Go on with what happens'
complete -c disk2iso -n '__fish_seen_subcommand_from logs' -l level -x -a 'debug info warning error' -d 'The quietest level wanted'
complete -c disk2iso -n '__fish_seen_subcommand_from verify' -F
complete -c disk2iso -n '__fish_seen_subcommand_from config' -a 'get set history'
complete -c disk2iso -n '__fish_seen_subcommand_from config' -l dry-run -d 'Change nothing'
complete -c disk2iso -n '__fish_seen_subcommand_from validate' -l no-secrets -d 'Do not mind missing secrets'
complete -c disk2iso -n '__fish_seen_subcommand_from plan' -l diff -d 'Show the changed lines'
complete -c disk2iso -n '__fish_seen_subcommand_from validate plan migrate' -F
complete -c disk2iso -n '__fish_seen_subcommand_from catalog' -a rebuild -d 'Build the catalog anew from the manifests'
complete -c disk2iso -n '__fish_seen_subcommand_from help' -a "$commands"
