#compdef pcap-analyzer
# zsh completion: pcap-analyzer offers the words itself; where it offers none, the shell offers files.
local line description
local -a candidates
for line in ${(f)"$(${~words[1]} complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)"}; do
    description=${line#*$'\t'}
    candidates+=("${${line%%$'\t'*}//:/\\:}${description:+:$description}")
done
if (( $#candidates )); then
    _describe pcap-analyzer candidates
else
    compset -P '--*='
    _files
fi
