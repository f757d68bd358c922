namespace KubeLite.ApiServer.Tests.Serving;

/// <summary>A POST that is being served and waits for the rest of its body, on a server that serves one such request at once.</summary>
/// <param name="Content">Sends the rest when it is told to.</param>
/// <param name="Answer">The answer.</param>
/// <param name="Refused">How another request was turned away meanwhile.</param>
public sealed record StalledRequest(StalledContent Content, Task<HttpResponseMessage> Answer, ApiAnswer Refused)
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);

    /// <summary>Sends it, and others until one is turned away: then it is in.</summary>
    /// <param name="client">Sends it.</param>
    /// <param name="path">Where to.</param>
    /// <param name="body">Its body.</param>
    /// <param name="probe">Sends another request that counts as it does.</param>
    /// <exception cref="TimeoutException">It was not let in for half a minute.</exception>
    public static async Task<StalledRequest> StartAsync(HttpClient client, string path, string body, Func<Task<ApiAnswer>> probe)
    {
        using var deadline = new CancellationTokenSource(s_deadline);
        while (true)
        {
            var content = new StalledContent(body);
            Task<HttpResponseMessage> answer = client.PostAsync(path, content);
            // Where a probe had the only place just then, this one was turned away: it is sent again.
            while (!answer.IsCompleted)
            {
                ApiAnswer other = await probe();
                if (other.Code == 429 && !answer.IsCompleted)
                {
                    return new StalledRequest(content, answer, other);
                }

                if (deadline.IsCancellationRequested)
                {
                    throw new TimeoutException("it never came true that the request is in");
                }
            }

            (await answer).Dispose();
        }
    }
}
