# bash completion for disk2iso
_disk2iso() {
    local cur prev words cword
    _init_completion || return

    local commands='daemon status devices jobs archives verify logs health catalog reload help'
    local index command=''
    for ((index = 1; index < cword; index++)); do
        if [[ ${words[index]} != -* && ${words[index - 1]} != --socket ]]; then
            command=${words[index]}
            break
        fi
    done

    case $prev in
        --config | --socket)
            _filedir
            return
            ;;
    esac

    local options='--json --socket --help'
    case $command in
        '') options="--version $options" ;;
        daemon) options='--config --help' ;;
        logs) options="--follow $options" ;;
    esac
    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
        return
    fi
    case $command in
        '' | help) mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur") ;;
        catalog) mapfile -t COMPREPLY < <(compgen -W 'rebuild' -- "$cur") ;;
        verify) _filedir iso ;;
    esac
}
complete -F _disk2iso disk2iso
