namespace KubeLite.Storage.Tests.Contract;

/// <summary>Gives the contract suite a backend to run on.</summary>
public interface IStoreBackend
{
    /// <summary>The store of this test class; opened once. Skips the test when the backend can't run here.</summary>
    ValueTask<IKeyValueStore> OpenAsync();

    /// <summary>Lets time pass for times to live: at once with a fake clock, really otherwise.</summary>
    void LetPass(TimeSpan time);
}
