# bash completion: pcap-analyzer offers the words itself; where it offers none, the shell offers files.
_pcap_analyzer() {
    local word words=()
    # --option=value comes as three words.
    for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do [[ $word == = ]] || words+=("$word"); done
    [[ ${COMP_WORDS[COMP_CWORD]} == = ]] && words+=("")
    mapfile -t COMPREPLY < <("${COMP_WORDS[0]/#\~/$HOME}" complete -- "${words[@]}" 2>/dev/null | cut -f 1)
}
complete -o default -F _pcap_analyzer pcap-analyzer
