using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.IO.Pipelines;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Protobuf;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;
using KubeLite.ApiServer.Tables;
using KubeLite.Storage;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.Endpoints;

/// <summary>
/// Watches: initial events where they are asked for, then every change as it comes, with bookmarks, until the time is
/// over, the client goes or the server stops. A watcher that can't keep up is cut off, never waited for.
/// </summary>
public sealed class WatchEndpoint(ResourceRegistry registry, ApiServerOptions options, TimeProvider time, CancellationToken stopping)
{
    private const string InitialEventsEnd = "k8s.io/initial-events-end";

    private static readonly TimeSpan s_bookmarkInterval = TimeSpan.FromMinutes(1);

    // The longest time that timers take is 49 days.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(40);

    /// <summary>Serves a watch.</summary>
    public async Task WatchAsync(ApiRequest request, ResourceDefinition definition, string name)
    {
        ResponseFormat format = ResponseFormat.OfStream(request.Http.Request, definition);
        ListOptions list = ListOptions.Of(request, watch: true);
        if (format.Encoding == BodyEncoding.Protobuf && definition.Custom && format.Shape != BodyShape.Metadata)
        {
            format = format with { Encoding = BodyEncoding.Json };
        }

        EntrySelection selection = EntrySelection.Of(definition, list, name);
        if (stopping.IsCancellationRequested)
        {
            // Those that run are being ended: whoever comes again at once had better find another server.
            request.Http.Response.Headers.RetryAfter = "1";
            request.Http.Response.Headers.XContentTypeOptions = "nosniff";
            throw new ApiException(503, "ServiceUnavailable", "apiserver is shutting down");
        }

        var frames = new WatchFrames(request, definition, format);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, stopping);
        timeout.CancelAfter(Duration(list.Timeout));
        ObjectResponse.Begin(
            request, 200, format.Encoding == BodyEncoding.Json ? format.ContentType : format.ContentType + ";stream=watch");
        PipeWriter writer = request.Http.Response.BodyWriter;
        if (list.SendInitialEvents == true && !options.StreamingLists)
        {
            frames.WriteError(
                writer,
                ApiException.Internal("").WithMessage(
                    "a watch stream was requested by the client but the required storage feature RequestWatchProgress is disabled"));
            await writer.FlushAsync(request.Aborted);
            return;
        }

        // Headers go at once: a client counts the watch as open when it has them.
        await writer.FlushAsync(request.Aborted);
        try
        {
            await RunAsync(request, definition, list, selection, frames, writer, timeout.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            // The end of its time, of the client or of the server: the stream just ends.
        }
        catch (StoreException e)
        {
            frames.WriteError(writer, StoreErrors.Translate(e));
            await writer.FlushAsync(request.Aborted);
        }
        catch (ApiException e)
        {
            // The answer has begun, so that a Status can only be an event.
            frames.WriteError(writer, e);
            await writer.FlushAsync(request.Aborted);
        }
    }

    private async Task RunAsync(
        ApiRequest request, ResourceDefinition definition, ListOptions list, EntrySelection selection, WatchFrames frames,
        PipeWriter writer, CancellationToken ended)
    {
        ResourceCache cache = registry.Cache(definition);
        string ns = request.Info.ObjectNamespace;
        long after = list.Revision;
        bool initial = list.SendInitialEvents ?? after == 0;
        CacheSnapshot? snapshot = null;
        if (initial)
        {
            // A watch from "0" may begin with what the cache holds; any other beginning is consistent.
            snapshot = list.ResourceVersion == "0" && list.SendInitialEvents is null
                ? await cache.ReadAsync(0, ended)
                : list.Revision > 0 ? await cache.ReadAsync(list.Revision, ended) : await cache.ReadConsistentAsync(ended);
            after = snapshot.Revision;
        }

        using Watcher watcher = await cache.WatchAsync(
            new WatchRequest
            {
                AfterRevision = after == 0 ? cache.LastRevision : after,
                Namespace = ns.Length > 0 ? ns : null,
                Name = selection.Name,
                IndexField = selection.Index?.Field,
                IndexValue = selection.Index?.Value,
                Predicate = selection.IsEverything ? null : selection.Matches,
            },
            ended);
        if (snapshot is not null)
        {
            await SendInitialAsync(snapshot, ns, selection, frames, writer, ended);
            if (list.SendInitialEvents == true && list.AllowBookmarks)
            {
                frames.WriteBookmark(writer, snapshot.Revision, InitialEventsEnd);
            }

            await writer.FlushAsync(ended);
        }

        request.Begun();
        await FollowAsync(watcher, list.AllowBookmarks, after, frames, writer, ended);
        if (watcher.End is WatcherEnd.Expired)
        {
            frames.WriteError(writer, ApiException.Expired("The resourceVersion for the provided watch is too old."));
            await writer.FlushAsync(ended);
        }
    }

    private static async Task SendInitialAsync(
        CacheSnapshot snapshot, string ns, EntrySelection selection, WatchFrames frames, PipeWriter writer, CancellationToken ended)
    {
        const int FlushEvery = 64;
        var entries = new List<CacheEntry>();
        foreach (CacheEntry entry in selection.RangeOf(snapshot, ns, null))
        {
            if (selection.Matches(entry))
            {
                entries.Add(entry);
            }
        }

        for (int i = 0; i < entries.Count; i++)
        {
            frames.Write(writer, CacheEventType.Added, entries[i]);
            if (i % FlushEvery == FlushEvery - 1)
            {
                await writer.FlushAsync(ended);
            }
        }
    }

    private async Task FollowAsync(
        Watcher watcher, bool bookmarks, long sent, WatchFrames frames, PipeWriter writer, CancellationToken ended)
    {
        const int FlushEvery = 128;
        using ITimer? wake = bookmarks
            ? time.CreateTimer(static w => ((Watcher)w!).Wake(), watcher, s_bookmarkInterval, s_bookmarkInterval)
            : null;
        // Once for all waits and flushes: to register with the token for each would cost as much as an event.
        using CancellationTokenRegistration end = ended.UnsafeRegister(
            static state =>
            {
                (Watcher watcher, PipeWriter writer) = ((Watcher, PipeWriter))state!;
                watcher.Close();
                writer.CancelPendingFlush();
            },
            (watcher, writer));
        while (await watcher.WaitToReadAsync(CancellationToken.None))
        {
            int count = 0;
            while (!ended.IsCancellationRequested && watcher.TryRead(out CacheEvent? change))
            {
                frames.Write(writer, change);
                sent = change.Revision;
                if (++count % FlushEvery == 0)
                {
                    await writer.FlushAsync(CancellationToken.None);
                }
            }

            if (watcher.TakeWake() && watcher.TryGetProgress(out long progress) && progress > sent)
            {
                frames.WriteBookmark(writer, progress, null);
                sent = progress;
                count++;
            }

            if (count > 0)
            {
                await writer.FlushAsync(CancellationToken.None);
            }

            ended.ThrowIfCancellationRequested();
        }

        ended.ThrowIfCancellationRequested();
    }

    /// <summary>
    /// How long a watch runs: as long as its client says, else a time that differs from watch to watch, so that they don't all
    /// come again at once.
    /// </summary>
    private TimeSpan Duration(TimeSpan? wanted) => wanted is { Ticks: > 0 } given
        ? given < s_longest ? given : s_longest
        : options.MinRequestTimeout > 0 ? TimeSpan.FromSeconds(options.MinRequestTimeout * (1 + Random.Shared.NextDouble())) : s_longest;

    /// <summary>Writes the frames of one watch in its format.</summary>
    private sealed class WatchFrames
    {
        private readonly ApiRequest _request;
        private readonly ResourceDefinition _definition;
        private readonly ResponseFormat _format;
        private readonly Func<CacheEvent, byte[]> _make;

        // What frames of one event are kept under for all watches of the same format; null where they are written anew for each.
        private readonly object? _slot;

        private bool _columnsSent;

        /// <exception cref="ApiException">400: the request asks for Tables that can't be made.</exception>
        public WatchFrames(ApiRequest request, ResourceDefinition definition, ResponseFormat format)
        {
            if (format.Shape == BodyShape.Table)
            {
                // Said before the stream begins: afterwards it could only be broken off.
                TableBuilder.For(request, definition);
            }

            _request = request;
            _definition = definition;
            _format = format;
            _make = c => Frame(NameOf(c.Type), c.Entry);
            _slot = format switch
            {
                { Beta: true } => null,
                { Encoding: BodyEncoding.Protobuf, Shape: BodyShape.Metadata } => definition.ProtobufMetadataFrameSlot,
                { Encoding: BodyEncoding.Protobuf } => definition.ProtobufFrameSlot,
                { Shape: BodyShape.Metadata } => definition.MetadataFrameSlot,
                _ => null,
            };
        }

        /// <summary>Writes an event, whose bytes all watches of the format share.</summary>
        public void Write(PipeWriter writer, CacheEvent change)
        {
            if (_slot is not null)
            {
                writer.Write(change.GetOrAdd(_slot, _make));
                return;
            }

            Write(writer, change.Type, change.Entry);
        }

        public void Write(PipeWriter writer, CacheEventType type, CacheEntry entry)
        {
            if (_format is { Shape: BodyShape.Object, Encoding: BodyEncoding.Json })
            {
                ReadOnlySpan<byte> head = type switch
                {
                    CacheEventType.Added => "{\"type\":\"ADDED\",\"object\":"u8,
                    CacheEventType.Modified => "{\"type\":\"MODIFIED\",\"object\":"u8,
                    _ => "{\"type\":\"DELETED\",\"object\":"u8,
                };
                ReadOnlySpan<byte> json = EntryEncoding.Json(entry, _definition).Span;
                ReadOnlySpan<byte> tail = "}\n"u8;
                // At once: the pipe of a response costs more by its calls than by its bytes.
                int length = head.Length + json.Length + tail.Length;
                Span<byte> frame = writer.GetSpan(length);
                head.CopyTo(frame);
                json.CopyTo(frame[head.Length..]);
                tail.CopyTo(frame[(head.Length + json.Length)..]);
                writer.Advance(length);
                return;
            }

            writer.Write(Frame(NameOf(type), entry));
        }

        public void WriteBookmark(PipeWriter writer, long revision, string? annotation)
        {
            JsonMap obj = _definition.Custom
                ? new JsonMap { { "kind", _definition.Kind.Kind }, { "apiVersion", _definition.Kind.ApiVersion } }
                : ObjectCodec.Empty(_definition);
            JsonMap metadata = obj.MapAt("metadata");
            metadata["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture);
            if (annotation is not null)
            {
                metadata["annotations"] = new JsonMap { { annotation, "true" } };
            }

            writer.Write(Frame("BOOKMARK", Shape(obj)));
        }

        public void WriteError(PipeWriter writer, ApiException error) => writer.Write(Frame("ERROR", error.ToStatus()));

        private static string NameOf(CacheEventType type) => type switch
        {
            CacheEventType.Added => "ADDED",
            CacheEventType.Modified => "MODIFIED",
            _ => "DELETED",
        };

        /// <summary>A frame is its length in four bytes, then an event whose object is in its own envelope.</summary>
        private static byte[] ProtobufFrame(string type, ReadOnlySpan<byte> obj)
        {
            var frame = new WireWriter();
            frame.Text(1, type);
            int raw = frame.Begin(2);
            frame.Bytes(1, obj);
            frame.End(raw);
            byte[] bytes = new byte[sizeof(int) + frame.Written.Length];
            BinaryPrimitives.WriteInt32BigEndian(bytes, frame.Written.Length);
            frame.Written.CopyTo(bytes.AsSpan(sizeof(int)));
            return bytes;
        }

        private JsonMap Shape(JsonMap obj)
        {
            if (_format.Shape != BodyShape.Table)
            {
                // An event is no list: who asks for one gets the object itself.
                return _format.Shape == BodyShape.MetadataList
                    ? obj
                    : _format.Label(ReadEndpoint.Shape(_request, _definition, obj, _format.Shape));
            }

            JsonMap table = TableBuilder.For(_request, _definition).Of(obj, columns: !_columnsSent);
            _columnsSent = true;
            return _format.Label(table);
        }

        private byte[] Frame(string type, CacheEntry entry)
        {
            bool metadata = _format.Shape == BodyShape.Metadata;
            return _format is { Encoding: BodyEncoding.Protobuf, Beta: false } && (metadata || !_definition.Custom)
                ? ProtobufFrame(type, EntryEncoding.Protobuf(entry, _definition, metadata))
                : Frame(type, Shape(EntryEncoding.Document(entry, _definition)));
        }

        private byte[] Frame(string type, JsonMap obj) =>
            _format.Encoding == BodyEncoding.Protobuf && ProtobufEncoder.TryEncode(obj, ApiFacts.Newest) is { } bytes
                ? ProtobufFrame(type, bytes)
                : [.. JsonWriting.ToBytes(new JsonMap { { "type", type }, { "object", obj } }), (byte)'\n'];
    }
}
