using System.Reflection;
using System.Reflection.Emit;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>A folder of the pipeline uses only those before it, in signatures and in code. Read from the compiled assembly.</summary>
public sealed class FolderOrderTests
{
    private const BindingFlags Declared =
        BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;

    private static readonly string[] Order = ["Packets", "Connections", "Protocols", "Facts", "Readers"];

    private static readonly Dictionary<ushort, OpCode> OpCodesByValue =
        typeof(OpCodes).GetFields().Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => unchecked((ushort)code.Value));

    [Fact]
    public void A_folder_uses_only_the_folders_before_it()
    {
        var types = typeof(Analyzer).Assembly.GetTypes().Where(type => FolderOf(type) >= 0).ToList();
        Assert.Equal(Order.Length, types.Select(FolderOf).Distinct().Count());
        Assert.Equal([], types.SelectMany(type => Used(type).Where(used => FolderOf(used) > FolderOf(type) || used == typeof(Analyzer))
            .Select(used => $"{type} uses {used}")).Distinct());
    }

    private static int FolderOf(Type type) => Array.IndexOf(Order,
        type.Namespace?.Split('.') is ["PcapAnalyzer", "Pipeline", var folder, ..] ? folder : "");

    private static IEnumerable<Type> Used(Type type)
    {
        var methods = type.GetMembers(Declared).OfType<MethodBase>().ToList();
        Type?[] own = [type.BaseType, .. type.GetInterfaces(), .. type.GetFields(Declared).Select(field => field.FieldType),
            .. methods.SelectMany(method => method.GetParameters()).Select(parameter => parameter.ParameterType),
                .. methods.OfType<MethodInfo>().Select(method => method.ReturnType)];
        return own.Concat(methods.SelectMany(InCode)).SelectMany(Parts);
    }

    private static IEnumerable<Type> Parts(Type? type) =>
        type == null ? [] : [type, .. Parts(type.GetElementType()),
            .. type.GetGenericArguments().Where(one => !one.IsGenericParameter).SelectMany(Parts)];

    private static IEnumerable<Type?> InCode(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        var (ofType, ofMethod) = (method.DeclaringType!.GetGenericArguments(), method.IsGenericMethod ? method.GetGenericArguments() : []);
        for (var at = 0; at < code.Length;)
        {
            var one = OpCodesByValue[code[at] == 0xFE ? (ushort)(0xFE00 | code[at + 1]) : code[at]];
            at += one.Size;
            if (one.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineType or OperandType.InlineTok)
            {
                var member = method.Module.ResolveMember(BitConverter.ToInt32(code, at), ofType, ofMethod)!;
                yield return member as Type ?? member.DeclaringType;
            }
            at += one.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, at),
                _ => 4,
            };
        }
    }
}
