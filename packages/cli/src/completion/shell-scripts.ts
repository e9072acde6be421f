import { completeCommand, filesWanted } from './complete-command.js'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/**
 * The scripts ask the program itself what fits, so that they are right for every version of it. Words are read line by
 * line, and nothing of them is run.
 */
export const shellScripts: Readonly<Record<Shell, string>> = {
  bash: `# sfpool: completions for bash. Load it with: source <(sfpool completion bash)
_sfpool() {
  local line word prefix=""
  local -a words
  # Read from the line as it is typed, because bash takes = and : for words of their own.
  read -ra words <<<"\${COMP_LINE:0:COMP_POINT}"
  [[ "\${COMP_LINE:0:COMP_POINT}" == *[[:space:]] ]] && words+=("")
  word="\${words[\${#words[@]}-1]}"
  # Only what follows the last of them is replaced.
  [[ $word == *[=:]* ]] && prefix="\${word%"\${word##*[=:]}"}"
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == "${filesWanted}" ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "\${word#"$prefix"}")
      return
    fi
    line="\${line%%$'\\t'*}"
    printf -v line %q "\${line#"$prefix"}"
    COMPREPLY+=("$line")
  done < <(sfpool ${completeCommand} "\${words[@]:1}" 2>/dev/null)
}
complete -F _sfpool sfpool
`,
  zsh: `#compdef sfpool
# sfpool: completions for zsh. Put it into a folder of $fpath as _sfpool, or load it with: source <(sfpool completion zsh)
_sfpool() {
  local line
  local -a found
  for line in "\${(@f)$(sfpool ${completeCommand} "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == '${filesWanted}' ]]; then
      compset -P '*='
      _files
      return
    fi
    [[ -n $line ]] || continue
    if [[ $line == *$'\\t'* ]]; then
      found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    else
      found+=("\${line//:/\\\\:}")
    fi
  done
  (( \${#found} )) && _describe -V sfpool found
}
if [[ \${zsh_eval_context[-1]} == loadautofunc ]]; then
  _sfpool "$@"
else
  compdef _sfpool sfpool
fi
`,
  fish: `# sfpool: completions for fish. Put it into ~/.config/fish/completions/sfpool.fish
function __sfpool_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found (sfpool ${completeCommand} $words[2..-1] 2>/dev/null)
    if test "$found[1]" = '${filesWanted}'
        __fish_complete_path (string replace -r '^--[a-z-]+=' '' -- (commandline -ct))
    else
        printf '%s\\n' $found
    end
end
complete -c sfpool -f -k -a '(__sfpool_complete)'
`,
}
