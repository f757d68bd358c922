using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.FlowControl;

/// <summary>
/// A PriorityLevelConfiguration and what runs and waits at it. Guarded by the controller's lock; it lives on when its
/// object changes, so that what runs is never forgotten.
/// </summary>
internal sealed class PriorityLevel
{
    // What a request is taken to last until it has ended: Kubernetes' guess.
    private const double Guess = 0.003;

    // The part of a level's seats that one request may take, as in Kubernetes.
    private const double MostOfOne = 0.15;

    private FlowQueue[] _queues = [];
    private int _handSize = 1;
    private int _queueLength;
    private double _clock;
    private long _lendablePercent;
    private long? _borrowingPercent;

    /// <summary>The object's uid, which answers tell.</summary>
    public string Uid { get; private set; } = "";

    /// <summary>True where nothing is limited.</summary>
    public bool Exempt { get; private set; }

    /// <summary>The seats that are the level's own.</summary>
    public int Nominal { get; private set; }

    /// <summary>How many of them others may use while they are idle.</summary>
    public int Lendable { get; private set; }

    /// <summary>How many seats of others it may use.</summary>
    public int BorrowingLimit { get; private set; }

    /// <summary>
    /// The most seats that one request is given, so that a wide one doesn't hold up the others; 0 where nobody waits here.
    /// </summary>
    public int MostSeatsOfOne { get; private set; }

    /// <summary>When those that are turned away may come again.</summary>
    public DroppedRequests Dropped { get; } = new();

    /// <summary>The level's share of all seats.</summary>
    public long Shares { get; private set; }

    /// <summary>The seats in use.</summary>
    public int Executing { get; set; }

    /// <summary>How many requests were turned away.</summary>
    public long Rejected { get; set; }

    /// <summary>How many requests wait.</summary>
    public int Waiting { get; private set; }

    /// <summary>The seats that others may have now.</summary>
    public int Idle => Math.Min(Lendable, Math.Max(0, Nominal - Executing));

    /// <summary>The seats that it has of others.</summary>
    public int Borrowed => Exempt ? 0 : Math.Max(0, Executing - Nominal);

    /// <summary>Reads the object. Requests that wait go on waiting, where there are queues.</summary>
    public void Configure(JsonMap obj)
    {
        Uid = obj.Map("metadata")?.String("uid") ?? "";
        JsonMap? spec = obj.Map("spec");
        Exempt = spec?.String("type") == "Exempt";
        JsonMap? own = Exempt ? spec?.Map("exempt") : spec?.Map("limited");
        Shares = own?.Integer("nominalConcurrencyShares") ?? (Exempt ? 0 : 30);
        _lendablePercent = own?.Integer("lendablePercent") ?? 0;
        _borrowingPercent = own?.Integer("borrowingLimitPercent");
        JsonMap? queuing = own?.Map("limitResponse") is { } response && response.String("type") == "Queue" ? response.Map("queuing") : null;
        int count = queuing is null ? 0 : (int)Math.Clamp(queuing.Integer("queues") ?? 64, 1, 10_000);
        _handSize = (int)Math.Clamp(queuing?.Integer("handSize") ?? 8, 1, Math.Max(1, count));
        _queueLength = (int)Math.Clamp(queuing?.Integer("queueLengthLimit") ?? 50, 0, 10_000);
        if (count != _queues.Length)
        {
            Resize(count);
        }
    }

    /// <summary>Sets what the level's share comes to.</summary>
    public void Size(int total, long allShares)
    {
        Nominal = allShares == 0 ? 0 : (int)Math.Ceiling((double)total * Shares / allShares);
        MostSeatsOfOne = Exempt || _queues.Length == 0
            ? 0
            : (int)Math.Max(1, Math.Min(Math.Ceiling(Nominal * MostOfOne), Nominal / _handSize));
        Lendable = (int)Math.Round(Nominal * _lendablePercent / 100.0);
        BorrowingLimit = _borrowingPercent is { } percent ? (int)Math.Round(Nominal * percent / 100.0) : int.MaxValue;
    }

    /// <summary>Puts a request into the shortest of its flow's queues (shuffle sharding: few flows share all of their queues).</summary>
    /// <returns>Null where the queue is full, or the level has none.</returns>
    public (FlowQueue Queue, FlowQueue.Waiter Waiter)? Enqueue(ulong flow, int seats)
    {
        if (_queues.Length == 0)
        {
            return null;
        }

        FlowQueue queue = Shortest(flow);
        if (queue.Waiters.Count >= _queueLength)
        {
            return null;
        }

        if (queue.Waiters.Count == 0)
        {
            // Having been idle gives no claim to service that wasn't asked for.
            queue.Served = Math.Max(queue.Served, _clock);
        }

        var waiter = new FlowQueue.Waiter(seats);
        queue.Waiters.AddLast(waiter);
        Waiting++;
        return (queue, waiter);
    }

    /// <summary>The request whose turn is next; null where none waits.</summary>
    public FlowQueue.Waiter? Next() => NextQueue()?.Waiters.First!.Value;

    /// <summary>Takes the next request out of its queue.</summary>
    public void Dispatch()
    {
        FlowQueue queue = NextQueue()!;
        FlowQueue.Waiter waiter = queue.Waiters.First!.Value;
        queue.Waiters.RemoveFirst();
        Waiting--;
        _clock = queue.Served;
        queue.Served += waiter.Seats * Guess;
        waiter.Dispatched = true;
        Executing += waiter.Seats;
        waiter.Turn.TrySetResult();
    }

    /// <summary>Takes a request that waits no longer out of its queue.</summary>
    public void Withdraw(FlowQueue queue, FlowQueue.Waiter waiter)
    {
        if (queue.Waiters.Remove(waiter))
        {
            Waiting--;
        }
    }

    /// <summary>Puts the guess right, once a request has ended.</summary>
    public static void Account(FlowQueue queue, WorkEstimate work, TimeSpan lasted) => queue.Served +=
        (work.InitialSeats * lasted.TotalSeconds) + (work.FinalSeats * work.AdditionalLatency.TotalSeconds) - (work.MaxSeats * Guess);

    private FlowQueue? NextQueue()
    {
        FlowQueue? next = null;
        foreach (FlowQueue queue in _queues)
        {
            if (queue.Waiters.Count > 0 && (next is null || queue.Served < next.Served))
            {
                next = queue;
            }
        }

        return next;
    }

    private FlowQueue Shortest(ulong flow)
    {
        Span<int> dealt = stackalloc int[Math.Min(_handSize, 16)];
        FlowQueue? shortest = null;
        for (int i = 0; i < dealt.Length; i++)
        {
            // A card of those that are left: each that was dealt and lies below moves it up by one.
            ulong left = (ulong)(_queues.Length - i);
            int card = (int)(flow % left);
            flow /= left;
            int at = 0;
            while (at < i && dealt[at] <= card)
            {
                card++;
                at++;
            }

            dealt[at..i].CopyTo(dealt[(at + 1)..]);
            dealt[at] = card;
            if (shortest is null || _queues[card].Waiters.Count < shortest.Waiters.Count)
            {
                shortest = _queues[card];
            }
        }

        return shortest!;
    }

    private void Resize(int count)
    {
        var queues = new FlowQueue[count];
        for (int i = 0; i < count; i++)
        {
            queues[i] = i < _queues.Length ? _queues[i] : new FlowQueue { Served = _clock };
        }

        for (int i = count; i < _queues.Length; i++)
        {
            // Queues that are gone: who waited there is let in, rather than forgotten.
            foreach (FlowQueue.Waiter waiter in _queues[i].Waiters)
            {
                Waiting--;
                waiter.Dispatched = true;
                Executing += waiter.Seats;
                waiter.Turn.TrySetResult();
            }

            _queues[i].Waiters.Clear();
        }

        _queues = queues;
    }
}
