# bash completion for disk2iso
_disk2iso() {
    local cur prev words cword
    _init_completion || return

    local commands='daemon status devices jobs archives verify logs health catalog validate plan explain config migrate approve reload wake help'
    local index command='' action=''
    for ((index = 1; index < cword; index++)); do
        [[ ${words[index]} == -* || ${words[index - 1]} == --@(socket|config|limit|offset|level|status|sort) ]] && continue
        if [[ -z $command ]]; then command=${words[index]}; else action=${words[index]}; fi
    done

    local values=''
    case $prev in
        --config | --socket)
            _filedir
            return
            ;;
        --level) values='debug info warning error' ;;
        --status) values='all queued running paused interrupted completed failed cancelled' ;;
        --sort) values='created updated name' ;;
        --limit | --offset) return ;;
    esac

    if [[ -z $values && $cur == -* ]]; then
        values='--json --socket --config --help'
        case $command in
            '') values="--version $values" ;;
            logs) values="--follow --level --limit $values" ;;
            jobs) values="--status --sort --limit --offset $values" ;;
            archives) values="--strays --limit --offset $values" ;;
            validate) values="--no-secrets $values" ;;
            plan) values="--diff $values" ;;
            config) values="--dry-run $values" ;;
        esac
    elif [[ -z $values ]]; then
        case $command:$action in
            : | help:) values=$commands ;;
            jobs:) values='list show pause resume cancel' ;;
            archives:) values='list show pin unpin restore' ;;
            catalog:) values='rebuild' ;;
            config:) values='get set history' ;;
            validate: | plan: | migrate:) _filedir '@(yaml|yml)' && return ;;
            verify:) _filedir iso && return ;;
        esac
    fi
    mapfile -t COMPREPLY < <(compgen -W "$values" -- "$cur")
}
complete -F _disk2iso disk2iso
