using k8s.Models;
using KubeLite.Scheduler.Cache;
using KubeLite.Scheduler.Cycle;
using KubeLite.Scheduler.Events;
using KubeLite.Scheduler.Framework;
using KubeLite.Scheduler.Listers;
using KubeLite.Scheduler.Matching;

namespace KubeLite.Scheduler.Plugins.DefaultPreemption;

/// <summary>
/// Makes room for a Pod that fits nowhere by removing Pods of lower priority from one node: as few and as unimportant ones as
/// possible, keeping disruption budgets where that can be done.
/// </summary>
internal sealed class DefaultPreemptionPlugin(ClusterListers listers, IPreemptor preemptor, ClusterNodes nodes, Random random)
    : IPreEnqueuePlugin, IPostFilterPlugin, IEventInterested
{
    private const string PluginName = "DefaultPreemption";
    private const int MinCandidates = 100;
    private const int MinCandidatesPercentage = 10;

    private static readonly Status s_noVictims = Status.Unresolvable(PluginName, "No preemption victims found for incoming pod");
    private static readonly Status s_preempting = Status.Unresolvable(PluginName, "waiting for the preemption for this pod to be finished");

    private SchedulingFramework? _framework;

    /// <inheritdoc/>
    public string Name => PluginName;

    /// <inheritdoc/>
    /// <remarks>The plugins whose rejection preemption resolves decide when the Pod is tried again.</remarks>
    public IReadOnlyList<EventInterest> Events => [];

    /// <summary>Gives the plugin the framework that it tries Pods out with. Called once, before any Pod is scheduled.</summary>
    public void Use(SchedulingFramework framework) => _framework = framework;

    /// <inheritdoc/>
    public Status PreEnqueue(PodInfo pod) => preemptor.IsPreempting(pod.Uid) ? s_preempting : Status.Success;

    /// <inheritdoc/>
    public Status PostFilter(CycleState state, PodInfo pod, Diagnosis diagnosis, out string? nominatedNode)
    {
        nominatedNode = null;
        if (Ineligible(pod, diagnosis) is { } why)
        {
            return Status.Unschedulable(PluginName, "preemption: " + why);
        }

        var failures = new Diagnosis(nodes.All.Count)
        {
            AbsentNodes = Status.Unresolvable(PluginName, "Preemption is not helpful for scheduling"),
        };
        var candidates = FindCandidates(state, pod, diagnosis.Resolvable(nodes), failures);
        if (candidates.Count == 0)
        {
            nominatedNode = "";
            return Status.Unschedulable(PluginName, "preemption: " + failures.Message());
        }

        candidates.Sort(CandidateOrder.Instance);
        var best = candidates[0];
        nominatedNode = best.Node;
        preemptor.Begin(pod, best, _framework!.Nominations.LesserOn(best.Node, pod.Priority));
        return Status.Success;
    }

    private string? Ineligible(PodInfo pod, Diagnosis diagnosis)
    {
        if (pod.Pod.Spec.PreemptionPolicy == "Never")
        {
            return "not eligible due to preemptionPolicy=Never.";
        }

        if (pod.Pod.Status?.NominatedNodeName is not { Length: > 0 } nominated
            || diagnosis.Of(nominated).Code == StatusCode.UnschedulableAndUnresolvable
            || nodes.Find(nominated) is not { } node)
        {
            return null;
        }

        foreach (var other in node.Pods)
        {
            if (other.Priority < pod.Priority && IsLeavingForPreemption(other))
            {
                return "not eligible due to a terminating pod on the nominated node.";
            }
        }

        return null;
    }

    private List<Candidate> FindCandidates(CycleState state, PodInfo pod, List<NodeInfo> potential, Diagnosis failures)
    {
        var result = new List<Candidate>();
        if (potential.Count == 0)
        {
            return result;
        }

        var wanted = Math.Min(potential.Count, Math.Max(MinCandidates, potential.Count * MinCandidatesPercentage / 100));
        var budgets = new Budgets(listers.DisruptionBudgets.List(null));
        var offset = random.Next(potential.Count);
        var withoutViolation = 0;
        for (var i = 0; i < potential.Count; i++)
        {
            var node = potential[(offset + i) % potential.Count];
            var status = Try(state, pod, node, budgets, out var candidate);
            if (candidate is null)
            {
                failures.Set(node.Name, status);
                continue;
            }

            result.Add(candidate);
            withoutViolation += candidate.Violations == 0 ? 1 : 0;
            if (withoutViolation > 0 && result.Count >= wanted)
            {
                break;
            }
        }

        return result;
    }

    private Status Try(CycleState state, PodInfo pod, NodeInfo real, Budgets budgets, out Candidate? candidate)
    {
        candidate = null;
        var potential = new List<PodInfo>();
        foreach (var other in real.Pods)
        {
            if (other.Priority < pod.Priority)
            {
                potential.Add(other);
            }
        }

        if (potential.Count == 0)
        {
            return s_noVictims;
        }

        var framework = _framework!;
        var node = real.Clone();
        var trial = state.Clone();
        foreach (var other in potential)
        {
            Move(framework, trial, pod, other, node, -1);
        }

        var status = framework.FilterWithNominated(trial, pod, node);
        if (!status.IsSuccess)
        {
            return status;
        }

        potential.Sort(CandidateOrder.Importance);
        var violating = budgets.Violating(potential);
        var victims = new List<PodInfo>();
        var violations = 0;
        foreach (var protectedOnes in (ReadOnlySpan<bool>)[true, false])
        {
            foreach (var other in potential)
            {
                if (violating.Contains(other) != protectedOnes)
                {
                    continue;
                }

                Move(framework, trial, pod, other, node, 1);
                if (!framework.FilterWithNominated(trial, pod, node).IsSuccess)
                {
                    Move(framework, trial, pod, other, node, -1);
                    victims.Add(other);
                    violations += protectedOnes ? 1 : 0;
                }
            }
        }

        victims.Sort(CandidateOrder.Importance);
        candidate = new Candidate(real.Name, victims, violations);
        return Status.Success;
    }

    private static void Move(
        SchedulingFramework framework, CycleState state, PodInfo pod, PodInfo other, NodeInfo node, int sign)
    {
        if (sign < 0)
        {
            node.RemovePod(other.Uid);
        }
        else
        {
            node.AddPod(other);
        }

        framework.Changed(state, pod, other, node, sign);
    }

    private static bool IsLeavingForPreemption(PodInfo pod)
    {
        if (!pod.IsTerminating)
        {
            return false;
        }

        foreach (var condition in pod.Pod.Status?.Conditions ?? [])
        {
            if (condition.Type == "DisruptionTarget")
            {
                return condition.Status == "True" && condition.Reason == "PreemptionByScheduler";
            }
        }

        return false;
    }

    /// <summary>How many disruptions each budget still allows.</summary>
    private sealed class Budgets
    {
        private readonly List<(V1PodDisruptionBudget Budget, LabelMatcher Selector)> _budgets = [];

        public Budgets(IEnumerable<V1PodDisruptionBudget> budgets)
        {
            foreach (var budget in budgets)
            {
                var selector = LabelMatcher.Of(budget.Spec?.Selector);
                if (!selector.IsEmpty)
                {
                    _budgets.Add((budget, selector));
                }
            }
        }

        public HashSet<PodInfo> Violating(List<PodInfo> pods)
        {
            var result = new HashSet<PodInfo>();
            if (_budgets.Count == 0)
            {
                return result;
            }

            var allowed = new int[_budgets.Count];
            for (var i = 0; i < allowed.Length; i++)
            {
                allowed[i] = _budgets[i].Budget.Status?.DisruptionsAllowed ?? 0;
            }

            foreach (var pod in pods)
            {
                for (var i = 0; i < allowed.Length; i++)
                {
                    var (budget, selector) = _budgets[i];
                    if (budget.Metadata.NamespaceProperty == pod.Namespace && selector.Matches(pod.Labels)
                        && budget.Status?.DisruptedPods?.ContainsKey(pod.Name) != true && --allowed[i] < 0)
                    {
                        result.Add(pod);
                    }
                }
            }

            return result;
        }
    }
}
