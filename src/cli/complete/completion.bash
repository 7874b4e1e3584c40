# bash completion for chap: eval "$(chap completion bash)"
# chap itself says what may stand at the cursor, so this text need not be renewed with it.

# Names may hold blanks and stars.
_chap_add() {
  local word
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen "$1" -- "$2")
}

_chap() {
  COMPREPLY=()
  # bash takes words apart at = : @, chap does not: put them together again.
  local line=${COMP_LINE:0:COMP_POINT} words=() pieces=${#COMP_WORDS[@]} i piece head=0
  for ((i = 0; i <= COMP_CWORD && i < pieces; i++)); do
    piece=${COMP_WORDS[i]}
    local rest=${line#"${line%%[![:space:]]*}"}
    ((${#piece} <= ${#rest})) || piece=$rest
    if ((i > 0)) && [[ $rest == "$line" && -n $piece ]]; then
      ((i < COMP_CWORD)) || head=${#words[${#words[@]} - 1]}
      words[${#words[@]} - 1]+=$piece
    else
      words+=("$piece")
    fi
    line=${rest#"$piece"}
  done
  # A piece that is such a mark alone stays as it is; what bash replaces comes behind it.
  local current=${words[${#words[@]} - 1]}
  [[ $piece != [=:@] || $head == 0 ]] || head=${#current}

  local reply='' word about candidates=() abouts=()
  {
    IFS= read -r reply
    while IFS=$'\t' read -r word about; do
      candidates+=("$word")
      abouts+=("$about")
    done
  } < <(chap __complete -- "${words[@]:1}" 2>/dev/null)
  case $reply in
    :files)
      compopt -o filenames 2>/dev/null
      _chap_add -f "${current:head}"
      return ;;
    :dirs)
      compopt -o filenames 2>/dev/null
      _chap_add -d "${current:head}"
      return ;;
    ':program '*)
      if ((${#words[@]} == ${reply#:program } + 2)); then _chap_add -c "${current:head}"
      else
        compopt -o filenames 2>/dev/null
        _chap_add -f "${current:head}"
      fi
      return ;;
  esac
  for i in "${!candidates[@]}"; do
    # A list may say what each one is; what is inserted may not.
    if [[ $COMP_TYPE == 63 && ${#candidates[@]} -gt 1 && -n ${abouts[i]} ]]; then
      about="${candidates[i]:head}  (${abouts[i]})"
      COMPREPLY+=("${about:0:${COLUMNS:-80}-1}")
    else
      about=${candidates[i]:head} word=
      [[ -z $about ]] || printf -v word %q "$about"
      COMPREPLY+=("${word//\\,/,}") # which needs no quotes
    fi
  done
}
complete -o nosort -F _chap chap 2>/dev/null || complete -F _chap chap
