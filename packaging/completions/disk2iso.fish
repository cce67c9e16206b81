# fish completion for disk2iso
set -l commands daemon status devices jobs archives verify logs health catalog reload help

complete -c disk2iso -f
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -l version -d 'Show the version'
complete -c disk2iso -l help -d 'Show help'
complete -c disk2iso -n 'not __fish_seen_subcommand_from daemon' -l json -d 'Answer in JSON'
complete -c disk2iso -n 'not __fish_seen_subcommand_from daemon' -l socket -r -F -d 'Socket of the daemon'

complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a daemon -d 'Run the station'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a status -d 'What the station does and whether something is wrong'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a devices -d 'Drives and what is in them'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a jobs -d 'Running, waiting and past jobs'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a archives -d 'Finished images'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a verify -d 'Read an image again and compare its checksums'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a logs -d 'Events of the station'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a health -d 'Exit status 0 where all is well'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a catalog -d 'Look after the catalog'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a reload -d 'Read the configuration again and wait for the outcome'
complete -c disk2iso -n "not __fish_seen_subcommand_from $commands" -a help -d 'Help for a command'

complete -c disk2iso -n '__fish_seen_subcommand_from daemon' -l config -r -F -d 'Configuration'
complete -c disk2iso -n '__fish_seen_subcommand_from logs' -l follow -d 'Go on with new events'
complete -c disk2iso -n '__fish_seen_subcommand_from verify' -F
complete -c disk2iso -n '__fish_seen_subcommand_from catalog' -a rebuild -d 'Build the catalog anew from the manifests'
