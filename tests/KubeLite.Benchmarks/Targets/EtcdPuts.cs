using dotnet_etcd;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;
using KubeLite.Benchmarks.Load;

namespace KubeLite.Benchmarks.Targets;

/// <summary>The yardstick for writes on etcd: puts to the same etcd with nothing in between.</summary>
public static class EtcdPuts
{
    /// <summary>Bytes of a value.</summary>
    public const int ValueBytes = 2000;

    /// <summary>Measures puts of random values under a prefix that Kubernetes doesn't use.</summary>
    public static async Task<LoadResult> MeasureAsync(string endpoint, BenchmarkOptions options)
    {
        using var client = new EtcdClient(endpoint, configureChannelOptions: channel => channel.Credentials = ChannelCredentials.Insecure);
        byte[] random = new byte[ValueBytes];
        Random.Shared.NextBytes(random);
        ByteString value = ByteString.CopyFrom(random);
        return await LoadGenerator.RunAsync(options.Requests, BenchmarkOptions.AtOnce, options.Limit, async i =>
        {
            await client.PutAsync(new PutRequest { Key = ByteString.CopyFromUtf8($"/yardstick/{i}"), Value = value });
            return ValueBytes;
        });
    }
}
