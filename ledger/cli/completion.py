"""`completion`: a script for a shell, which asks this program what may come next."""

from typing import Annotated

import typer

from ledger.cli import PROGRAM
from ledger.cli.options import Globals
from ledger.cli.render import emit
from ledger.errors import UsageError

# What may come next is a line each; with no line the shell offers its files.
SCRIPTS = {
    "bash": """\
_transfer_ledger() {
    local IFS=$'\\n' word glued= last=-1
    local -a words=()
    # bash takes a colon for a word of its own: us:T-1 is put together again.
    for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
        if [[ $last -ge 0 && ( -n $glued || $word == :* ) ]]; then
            words[last]+=$word
        else
            last=$((last + 1)); words[last]=$word
        fi
        if [[ $word == *: ]]; then glued=1; else glued=; fi
    done
    word=${words[last]}
    COMPREPLY=($(compgen -W "$(transfer-ledger --complete \\
        "${words[@]}" 2>/dev/null)" -- "$word"))
    if [[ $COMP_WORDBREAKS == *:* ]]; then
        COMPREPLY=("${COMPREPLY[@]#"${word%"${word##*:}"}"}")
    fi
}
complete -o bashdefault -o default -F _transfer_ledger transfer-ledger
""",
    "zsh": """\
#compdef transfer-ledger
_transfer_ledger() {
    local -a found
    found=("${(@f)$(transfer-ledger --complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -n "${found[1]}" ]]; then
        compadd -- "${found[@]}"
    else
        _files
    fi
}
compdef _transfer_ledger transfer-ledger
""",
    "fish": """\
function __transfer_ledger
    set -l words (commandline -opc) (commandline -ct)
    set -l found (transfer-ledger --complete $words[2..-1] 2>/dev/null)
    if set -q found[1]
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c transfer-ledger -f -a '(__transfer_ledger)'
""",
}


def completion(
    ask: Globals,
    shell: Annotated[
        str, typer.Argument(help="argument.completion", metavar="bash|zsh|fish")
    ],
) -> None:
    """Print a script that completes commands in a shell."""
    if shell not in SCRIPTS:
        choices = ", ".join(SCRIPTS)
        raise UsageError("usage.not-one-of", option=PROGRAM, choices=choices)
    emit(ask, SCRIPTS[shell])
