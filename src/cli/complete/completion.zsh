#compdef chap
# zsh completion for chap: eval "$(chap completion zsh)" behind compinit, or as a file _chap in a directory of $fpath.
# chap itself says what may stand at the cursor, so this text need not be renewed with it.

_chap() {
  local -a answer items
  local line word about tab=$'\t'
  answer=("${(@f)$(command chap __complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
  case ${answer[1]} in
    :files) [[ $PREFIX != --*=* ]] || compset -P '*='; _files; return ;;
    :dirs) [[ $PREFIX != --*=* ]] || compset -P '*='; _files -/; return ;;
    ':program '*)
      shift $((${answer[1]#:program } + 1)) words
      ((CURRENT -= ${answer[1]#:program } + 1))
      _normal
      return ;;
    :words) ;;
    *) return 1 ;;
  esac
  for line in "${(@)answer[2,-1]}"; do
    [[ -n $line ]] || continue
    word=${line%%$tab*} about=${line#*$tab}
    items+=("${word//:/\\:}${about:+:$about}")
  done
  ((${#items})) && _describe -V 'chap' items
}

if [[ ${funcstack[1]-} == _chap ]]; then _chap "$@"; else compdef _chap chap; fi
