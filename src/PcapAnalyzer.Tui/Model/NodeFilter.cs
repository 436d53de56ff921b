namespace PcapAnalyzer.Tui;

/// <summary>Filter expressions for the selection in the nodes view. A row without a node name represents an address.</summary>
public static class NodeFilter
{
    /// <summary>Handshakes that a node took part in.</summary>
    public static string Of(NodeRow node) =>
        node.HasName ? $"node == {Quoted(node.Name)}" : $"({Side("initiator", node)} or {Side("acceptor", node)})";

    /// <summary>Attempts of one node to connect to another.</summary>
    public static string Of(NodeRow from, NodeRow to) => $"{Side("initiator", from)} and {Side("acceptor", to)}";

    private static string Side(string role, NodeRow node) =>
        node.HasName ? $"{role}.node == {Quoted(node.Name)}" : $"not {role}.node and {role}.endpoint ~ {Quoted(node.Name)}";

    private static string Quoted(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
