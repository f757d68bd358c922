using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace KubeLite.Cli.Tests;

/// <summary>Finds in an assembly which types stand in for type parameters, of types and of methods.</summary>
internal sealed class UsedTypes : ISignatureTypeProvider<Type?, object?>, IDisposable
{
    private readonly Assembly _assembly;
    private readonly PEReader _file;
    private readonly MetadataReader _metadata;
    private readonly HashSet<Type> _arguments = [];

    private UsedTypes(Assembly assembly)
    {
        _assembly = assembly;
        _file = new PEReader(File.OpenRead(assembly.Location));
        _metadata = _file.GetMetadataReader();
    }

    /// <summary>Every closed type argument, and those of methods with the type that declares the method.</summary>
    internal static (IReadOnlySet<Type> All, IReadOnlyList<(string Declaring, Type Argument)> OfMethods) In(Assembly assembly)
    {
        using var reader = new UsedTypes(assembly);
        return (reader._arguments, reader.Read());
    }

    public void Dispose() => _file.Dispose();

    public Type? GetArrayType(Type? elementType, ArrayShape shape) => elementType?.MakeArrayType(shape.Rank);

    public Type? GetByReferenceType(Type? elementType) => elementType?.MakeByRefType();

    public Type? GetFunctionPointerType(MethodSignature<Type?> signature) => null;

    public Type? GetGenericInstantiation(Type? genericType, ImmutableArray<Type?> typeArguments)
    {
        foreach (var argument in typeArguments)
        {
            Add(argument);
        }
        return genericType is null || typeArguments.Contains(null) ? null : genericType.MakeGenericType([.. typeArguments.Select(t => t!)]);
    }

    public Type? GetGenericMethodParameter(object? genericContext, int index) => null;

    public Type? GetGenericTypeParameter(object? genericContext, int index) => null;

    public Type? GetModifiedType(Type? modifier, Type? unmodifiedType, bool isRequired) => unmodifiedType;

    public Type? GetPinnedType(Type? elementType) => elementType;

    public Type? GetPointerType(Type? elementType) => elementType?.MakePointerType();

    public Type? GetPrimitiveType(PrimitiveTypeCode typeCode) => Type.GetType("System." + typeCode);

    public Type? GetSZArrayType(Type? elementType) => elementType?.MakeArrayType();

    public Type? GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
        _assembly.ManifestModule.ResolveType(MetadataTokens.GetToken(handle));

    public Type? GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
        _assembly.ManifestModule.ResolveType(MetadataTokens.GetToken(handle));

    public Type? GetTypeFromSpecification(
        MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    private List<(string, Type)> Read()
    {
        for (var row = 1; row <= _metadata.GetTableRowCount(TableIndex.TypeSpec); row++)
        {
            _metadata.GetTypeSpecification(MetadataTokens.TypeSpecificationHandle(row)).DecodeSignature(this, null);
        }
        var ofMethods = new List<(string, Type)>();
        for (var row = 1; row <= _metadata.GetTableRowCount(TableIndex.MethodSpec); row++)
        {
            var method = _metadata.GetMethodSpecification(MetadataTokens.MethodSpecificationHandle(row));
            foreach (var argument in method.DecodeSignature(this, null))
            {
                Add(argument);
                if (argument is not null)
                {
                    ofMethods.Add((Declaring(method.Method), argument));
                }
            }
        }
        return ofMethods;
    }

    private string Declaring(EntityHandle method)
    {
        var declaring = method.Kind == HandleKind.MethodDefinition
            ? _metadata.GetMethodDefinition((MethodDefinitionHandle)method).GetDeclaringType()
            : _metadata.GetMemberReference((MemberReferenceHandle)method).Parent;
        return declaring.Kind switch
        {
            HandleKind.TypeDefinition => _metadata.GetString(_metadata.GetTypeDefinition((TypeDefinitionHandle)declaring).Name),
            HandleKind.TypeReference => _metadata.GetString(_metadata.GetTypeReference((TypeReferenceHandle)declaring).Name),
            _ => "",
        };
    }

    private void Add(Type? argument)
    {
        if (argument is not null)
        {
            _arguments.Add(argument);
        }
    }
}
