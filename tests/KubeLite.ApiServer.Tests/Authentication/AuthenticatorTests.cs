using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography.X509Certificates;
using KubeLite.ApiServer.Authentication;
using KubeLite.ApiServer.Requests;
using KubeLite.Hosting.Certificates;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace KubeLite.ApiServer.Tests.Authentication;

public sealed class AuthenticatorTests
{
    private const int Requests = 8;

    [Fact]
    public async Task Authenticate_FirstRequestsOfAConnectionAtOnce_NeverTouchItsItemsTogether()
    {
        string folder = Directory.CreateTempSubdirectory("kubelite-authenticator-").FullName;
        try
        {
            using CertificateAuthority authority = CertificateAuthority.LoadOrCreate(
                Path.Combine(folder, "ca.crt"), Path.Combine(folder, "ca.key"), "test", TimeProvider.System);
            using X509Certificate2 certificate = authority.IssueClient(new CertificateSubject("alice", "admins")).Load();
            var authenticator = new Authenticator(
                ClientCertificates.Load(Path.Combine(folder, "ca.crt")), StaticTokens.Load(""), null!, new ApiServerOptions());
            var items = new Items();

            // Threads of their own: the pool might run one after the other.
            using var together = new Barrier(Requests);
            UserInfo[] users = await Task.WhenAll(Enumerable.Range(0, Requests).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    var http = new DefaultHttpContext();
                    http.Features.Set<IConnectionItemsFeature>(new ItemsFeature { Items = items });
                    http.Connection.ClientCertificate = certificate;
                    http.Request.Method = "GET";
                    http.Request.Path = "/api/v1/pods";
                    var request = new ApiRequest(http, RequestInfo.Of(http.Request), DateTimeOffset.UtcNow);
                    together.SignalAndWait();
                    return authenticator.AuthenticateAsync(request).AsTask();
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()));

            Assert.All(users, user => Assert.Equal("alice", user.Name));
            Assert.All(users, user => Assert.Same(users[0], user));
            Assert.False(items.WasShared);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class ItemsFeature : IConnectionItemsFeature
    {
        public required IDictionary<object, object?> Items { get; set; }
    }

    /// <summary>A dictionary that notices when two threads are in it, and takes its time so that they would be.</summary>
    private sealed class Items : IDictionary<object, object?>
    {
        private readonly Dictionary<object, object?> _items = [];
        private int _inside;

        public bool WasShared { get; private set; }

        public ICollection<object> Keys => Alone(() => _items.Keys);

        public ICollection<object?> Values => Alone(() => _items.Values);

        public int Count => Alone(() => _items.Count);

        public bool IsReadOnly => false;

        public object? this[object key]
        {
            get => Alone(() => _items[key]);
            set => Alone(() => _items[key] = value);
        }

        public void Add(object key, object? value) => Alone(() => _items.TryAdd(key, value));

        public void Add(KeyValuePair<object, object?> item) => Add(item.Key, item.Value);

        public void Clear() => throw new NotSupportedException();

        public bool Contains(KeyValuePair<object, object?> item) => Alone(() => _items.Contains(item));

        public bool ContainsKey(object key) => Alone(() => _items.ContainsKey(key));

        public void CopyTo(KeyValuePair<object, object?>[] array, int arrayIndex) => throw new NotSupportedException();

        public IEnumerator<KeyValuePair<object, object?>> GetEnumerator() => throw new NotSupportedException();

        public bool Remove(object key) => Alone(() => _items.Remove(key));

        public bool Remove(KeyValuePair<object, object?> item) => Remove(item.Key);

        public bool TryGetValue(object key, [MaybeNullWhen(false)] out object? value)
        {
            (bool found, object? held) = Alone(() => (_items.TryGetValue(key, out object? known), known));
            value = held;
            return found;
        }

        IEnumerator IEnumerable.GetEnumerator() => throw new NotSupportedException();

        private T Alone<T>(Func<T> read)
        {
            WasShared |= Interlocked.Increment(ref _inside) > 1;
            Thread.Sleep(1);
            T value = read();
            Interlocked.Decrement(ref _inside);
            return value;
        }
    }
}
