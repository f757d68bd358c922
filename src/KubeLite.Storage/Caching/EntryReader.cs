using System.Text.Json;

namespace KubeLite.Storage.Caching;

/// <summary>Makes cache entries from stored pairs: one pass over the JSON finds labels, fields and the place of resourceVersion.
/// Safe for concurrent use.</summary>
internal sealed class EntryReader(ResourceCacheOptions options, FieldLayout layout, StringPool pool)
{
    private static readonly JsonReaderOptions s_readerOptions = new() { MaxDepth = 512 };

    /// <summary>Reads one pair. <paramref name="previous"/> is the entry it replaces, whose strings are shared where equal.</summary>
    /// <exception cref="JsonException">The value is not a JSON object.</exception>
    public CacheEntry Read(in KeyValue pair, CacheEntry? previous)
    {
        ReadOnlyMemory<byte> json = options.Transform is null ? pair.Value : options.Transform(pair);
        Scan scan = new(json.Span, layout, pool);
        scan.Run();

        (string key, string @namespace, string name) = previous is null
            ? Split(pair.Key)
            : (previous.Key, previous.Namespace, previous.Name);
        return new CacheEntry(
            key, @namespace, name, pair.ModRevision, scan.Splice(pair.ModRevision), scan.LabelsOr(previous), scan.FieldsOr(previous),
            layout);
    }

    private (string Key, string Namespace, string Name) Split(string key)
    {
        ReadOnlySpan<char> rest = key.AsSpan(options.KeyPrefix.Length);
        int slash = options.Namespaced ? rest.IndexOf('/') : -1;
        return slash < 0 ? (key, "", rest.ToString()) : (key, pool.Get(rest[..slash]), rest[(slash + 1)..].ToString());
    }

    /// <summary>One pass over one object.</summary>
    private ref struct Scan(ReadOnlySpan<byte> json, FieldLayout layout, StringPool pool)
    {
        private readonly ReadOnlySpan<byte> _json = json;
        private Utf8JsonReader _reader = new(json, s_readerOptions);
        private readonly string[] _fields = layout.Count == 0 ? [] : NewFields(layout.Count);
        private List<string>? _labels;
        private int _topEnd = -1;
        private bool _topEmpty = true;
        private (int Start, int Length) _metadataNull = (-1, 0);
        private int _metadataStart = -1;
        private bool _metadataEmpty = true;
        private int _lastIdentityEnd = -1;
        private bool _inOrderOfNames;
        private (int Start, int Length) _revisionValue = (-1, 0);

        public void Run()
        {
            if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject)
            {
                throw new JsonException("the stored value is not a JSON object");
            }

            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                _topEmpty = false;
                FieldLayout.Node? node = Match(layout.Root);
                if (_reader.ValueTextEquals("metadata"u8))
                {
                    ReadMetadata(node);
                    if (layout.Count == 0 && _metadataStart >= 0)
                    {
                        return;
                    }
                }
                else
                {
                    ReadValue(node);
                }
            }

            _topEnd = (int)_reader.TokenStartIndex;
        }

        /// <summary>The final bytes. resourceVersion goes where Kubernetes writes it: after the last of name, generateName, namespace,
        /// selfLink and uid, and before uid in metadata in order of names, as custom resources have it.</summary>
        public readonly SplicedJson Splice(long revision)
        {
            if (_revisionValue.Start >= 0)
            {
                return SplicedJson.Splice(_json, _revisionValue.Start, _revisionValue.Length, "\""u8, revision, "\""u8);
            }

            if (_lastIdentityEnd >= 0)
            {
                return SplicedJson.Splice(_json, _lastIdentityEnd, 0, ",\"resourceVersion\":\""u8, revision, "\""u8);
            }

            if (_metadataStart >= 0)
            {
                return SplicedJson.Splice(
                    _json, _metadataStart, 0, "\"resourceVersion\":\""u8, revision, _metadataEmpty ? "\""u8 : "\","u8);
            }

            if (_metadataNull.Start >= 0)
            {
                return SplicedJson.Splice(
                    _json, _metadataNull.Start, _metadataNull.Length, "{\"resourceVersion\":\""u8, revision, "\"}"u8);
            }

            return SplicedJson.Splice(
                _json, _topEnd, 0, _topEmpty ? "\"metadata\":{\"resourceVersion\":\""u8 : ",\"metadata\":{\"resourceVersion\":\""u8,
                revision, "\"}"u8);
        }

        public readonly LabelSet LabelsOr(CacheEntry? previous) =>
            _labels is null ? LabelSet.Empty
            : previous is not null && previous.Labels.HasPairs(_labels) ? previous.Labels
            : new LabelSet([.. _labels]);

        public readonly string[] FieldsOr(CacheEntry? previous) =>
            previous is not null && previous.Fields.SequenceEqual(_fields) ? previous.FieldArray : _fields;

        private static string[] NewFields(int count)
        {
            string[] fields = new string[count];
            Array.Fill(fields, "");
            return fields;
        }

        private readonly FieldLayout.Node? Match(FieldLayout.Node? parent)
        {
            if (parent is not null)
            {
                foreach (FieldLayout.Node child in parent.Children)
                {
                    if (_reader.ValueTextEquals(child.Utf8Name))
                    {
                        return child;
                    }
                }
            }

            return null;
        }

        private void ReadMetadata(FieldLayout.Node? node)
        {
            _reader.Read();
            if (_reader.TokenType == JsonTokenType.Null)
            {
                _metadataNull = ((int)_reader.TokenStartIndex, (int)(_reader.BytesConsumed - _reader.TokenStartIndex));
                return;
            }

            if (_reader.TokenType != JsonTokenType.StartObject)
            {
                throw new JsonException("metadata is not a JSON object");
            }

            _metadataStart = (int)_reader.BytesConsumed;
            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                _metadataEmpty = false;
                FieldLayout.Node? child = Match(node);
                if (_reader.ValueTextEquals("labels"u8))
                {
                    _inOrderOfNames |= _lastIdentityEnd < 0;
                    ReadLabels();
                }
                else if (_reader.ValueTextEquals("resourceVersion"u8))
                {
                    ReadValue(child);
                    _revisionValue = ((int)_reader.TokenStartIndex, (int)(_reader.BytesConsumed - _reader.TokenStartIndex));
                }
                else
                {
                    // Built-in kinds begin with their identity; in order of names others come before it.
                    bool identity = IsIdentity() && !(_inOrderOfNames && _lastIdentityEnd >= 0 && _reader.ValueTextEquals("uid"u8));
                    _inOrderOfNames |= !identity && _lastIdentityEnd < 0;
                    ReadValue(child);
                    _lastIdentityEnd = identity ? (int)_reader.BytesConsumed : _lastIdentityEnd;
                }
            }
        }

        private readonly bool IsIdentity() =>
            _reader.ValueTextEquals("name"u8) || _reader.ValueTextEquals("uid"u8) || _reader.ValueTextEquals("namespace"u8)
            || _reader.ValueTextEquals("generateName"u8) || _reader.ValueTextEquals("selfLink"u8);

        private void ReadLabels()
        {
            _reader.Read();
            if (_reader.TokenType != JsonTokenType.StartObject)
            {
                _reader.Skip();
                return;
            }

            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                _labels ??= new List<string>(8);
                _labels.Add(Text());
                _reader.Read();
                _labels.Add(Text());
                _reader.Skip();
            }
        }

        private void ReadValue(FieldLayout.Node? node)
        {
            _reader.Read();
            if (node is null)
            {
                _reader.Skip();
            }
            else if (_reader.TokenType == JsonTokenType.StartObject && node.Children.Count > 0)
            {
                while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
                {
                    ReadValue(Match(node));
                }
            }
            else
            {
                if (node.FieldIndex >= 0)
                {
                    _fields[node.FieldIndex] = Text();
                }

                _reader.Skip();
            }
        }

        private readonly string Text() => _reader.TokenType switch
        {
            JsonTokenType.PropertyName or JsonTokenType.String => _reader.ValueIsEscaped
                ? pool.Get(_reader.GetString().AsSpan())
                : pool.Get(_reader.ValueSpan),
            JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False => pool.Get(_reader.ValueSpan),
            _ => "",
        };
    }
}
