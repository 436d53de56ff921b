# fish completion: pcap-analyzer offers the words itself; where it offers none, the shell offers files.
function __pcap_analyzer_candidates
    set -l words (commandline -opc) (commandline -ct)
    $words[1] complete -- $words[2..-1] 2>/dev/null
end
complete -c pcap-analyzer -f -a '(__pcap_analyzer_candidates)'
complete -c pcap-analyzer -n 'not __pcap_analyzer_candidates | string length -q' -F
