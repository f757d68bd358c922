using KubeLite.Golden;

// Replays recorded conversations against a server: the C# twin of the recorder's own replayer, with the same verdicts.
string server = "https://127.0.0.1:6443", token = "", passedFile = "";
int show = 20;
var files = new List<string>();
for (int i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--server":
            server = args[++i];
            break;
        case "--token":
            token = args[++i];
            break;
        case "--show":
            show = int.Parse(args[++i], System.Globalization.CultureInfo.InvariantCulture);
            break;
        case "--passed-file":
            passedFile = args[++i];
            break;
        default:
            files.Add(args[i]);
            break;
    }
}

using var client = new GoldenClient(new Uri(server), token);
var replay = new GoldenReplay(client);
var areas = new SortedDictionary<string, (int Passed, int All)>(StringComparer.Ordinal);
var passed = new List<string>();
int failed = 0;
foreach (string file in files)
{
    foreach (string line in File.ReadLines(file).Where(l => l.Trim().Length > 0))
    {
        GoldenCase golden = GoldenCase.Parse(line);
        IReadOnlyList<string> differences = await replay.RunAsync(golden);
        string area = golden.Id.Split('/')[0];
        (int good, int all) = areas.GetValueOrDefault(area);
        areas[area] = (good + (differences.Count == 0 ? 1 : 0), all + 1);
        if (differences.Count == 0)
        {
            passed.Add(golden.Id);
            continue;
        }

        if (++failed <= show)
        {
            Console.WriteLine($"DIFFERS {golden.Id}");
            foreach (string difference in differences)
            {
                Console.WriteLine($"    {difference}");
            }
        }
    }
}

foreach ((string area, (int good, int all)) in areas)
{
    Console.WriteLine($"{area}: {good} of {all}");
}

if (passedFile.Length > 0)
{
    File.AppendAllLines(passedFile, passed.Order(StringComparer.Ordinal));
}

Console.WriteLine($"{passed.Count} passed, {failed} failed");
return failed == 0 ? 0 : 1;
