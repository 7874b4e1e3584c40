# fish completion for chap: chap completion fish | source, or as the file ~/.config/fish/completions/chap.fish.
# chap itself says what may stand at the cursor, so this text need not be renewed with it.

function __chap_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l answer (command chap __complete -- $words[2..-1] "$current" 2>/dev/null)
    switch "$answer[1]"
        case :files
            # fish itself knows what to do behind --name=.
            __fish_complete_path (string replace -r '^--[^=]*=' '' -- "$current")
        case :dirs
            __fish_complete_directories (string replace -r '^--[^=]*=' '' -- "$current") ''
        case ':program *'
            set -l at (math (string replace ':program ' '' -- $answer[1]) + 2)
            complete -C (string escape -- $words[$at..-1] "$current" | string join ' ')
        case :words
            printf '%s\n' $answer[2..-1]
    end
end

complete -c chap -e
complete -c chap -f -k -a '(__chap_complete)'
