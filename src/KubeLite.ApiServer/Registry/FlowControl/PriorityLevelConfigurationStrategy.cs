using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.FlowControl;

/// <summary>PriorityLevelConfigurations (Kubernetes v1.36, <c>pkg/apis/flowcontrol/validation</c>).</summary>
public sealed class PriorityLevelConfigurationStrategy : ResourceStrategy
{
    private const string Exempt = "exempt";

    /// <summary>What v1beta3 told a zero from nothing by.</summary>
    private const string PreserveZero = "flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares";

    private const long MaxQueues = 10_000_000;

    /// <summary>So many bits of a hash deal a flow its hand of queues.</summary>
    private const int MaxHashBits = 60;

    /// <summary>Makes the strategy.</summary>
    public PriorityLevelConfigurationStrategy() => TracksGeneration = true;

    /// <summary>Adds the rules of defaults.</summary>
    public static void RegisterDefaults(Defaulter defaulter)
    {
        const string group = "io.k8s.api.flowcontrol.v1.";
        defaulter.Add(group + "LimitedPriorityLevelConfiguration", l => Set(l, ("nominalConcurrencyShares", 30), ("lendablePercent", 0)));
        defaulter.Add(group + "ExemptPriorityLevelConfiguration", e => Set(e, ("nominalConcurrencyShares", 0), ("lendablePercent", 0)));
        defaulter.Add(group + "QueuingConfiguration", Queuing);
        defaulter.Add(group + "FlowSchemaSpec", s => SetZero(s, "matchingPrecedence", 1000));
    }

    /// <inheritdoc />
    public override IReadOnlyList<string> ResetFields(string subresource) => subresource switch
    {
        "" => ["status"],
        "status" => ["metadata", "spec"],
        _ => [],
    };

    /// <inheritdoc />
    public override void PrepareForStatusUpdate(WriteContext context, JsonMap obj, JsonMap old) => StatusMetadata.Keep(obj, old);

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        if (obj.MapAt("metadata").Map("annotations")?.ContainsKey(PreserveZero) == true)
        {
            errors.Forbidden(FieldPath.Of("metadata", "annotations"), $"annotation '{PreserveZero}' is forbidden");
        }

        JsonMap spec = obj.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        string name = obj.MapAt("metadata").String("name") ?? "", type = spec.String("type") ?? "";
        JsonMap? limited = spec.Map("limited"), exempt = spec.Map("exempt");
        if ((name == Exempt) != (type == "Exempt"))
        {
            errors.Invalid(path.Child("type"), type, "must be 'Exempt' if and only if `name` is 'exempt'");
        }

        switch (type)
        {
            case "Exempt":
                if (limited is not null)
                {
                    errors.Forbidden(path.Child("limited"), "must be nil if the type is not Limited");
                }

                Shares(exempt, path.Child("exempt"), errors);
                Lendable(exempt, path.Child("exempt"), errors);
                break;
            case "Limited":
                if (exempt is not null)
                {
                    errors.Forbidden(path.Child("exempt"), "must be nil if the type is Limited");
                }

                if (limited is null)
                {
                    errors.Required(path.Child("limited"), "must not be empty when type is Limited");
                }
                else
                {
                    Limited(limited, path.Child("limited"), errors);
                }

                break;
            default:
                errors.NotSupported(path.Child("type"), type, "Exempt", "Limited");
                break;
        }

        FlowMandatory.Validate(context, "prioritylevelconfigurations", obj, errors, free: Exempt);
        FlowConditions.Validate(obj, errors);
    }

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        FlowConditions.Validate(obj, errors);

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata"), spec = obj.MapAt("spec");
        JsonMap? limited = spec.Map("limited"), queuing = limited?.Map("limitResponse")?.Map("queuing");
        return
        [
            metadata.String("name"),
            spec.String("type"),
            limited?["nominalConcurrencyShares"] ?? TableText.None,
            queuing?["queues"] ?? TableText.None,
            queuing?["handSize"] ?? TableText.None,
            queuing?["queueLengthLimit"] ?? TableText.None,
            TableText.Age(metadata.String("creationTimestamp")),
        ];
    }

    private static void Set(JsonMap map, params ReadOnlySpan<(string Name, long Value)> values)
    {
        foreach ((string name, long value) in values)
        {
            map.SetDefault(name, value);
        }
    }

    private static void Queuing(JsonMap queuing)
    {
        SetZero(queuing, "queues", 64);
        SetZero(queuing, "handSize", 8);
        SetZero(queuing, "queueLengthLimit", 50);
    }

    private static void SetZero(JsonMap map, string name, long value)
    {
        if ((map.Integer(name) ?? 0) == 0)
        {
            map[name] = value;
        }
    }

    private static void Shares(JsonMap? map, FieldPath path, FieldErrors errors)
    {
        if (map?.Integer("nominalConcurrencyShares") is < 0 and var shares)
        {
            errors.Invalid(path.Child("nominalConcurrencyShares"), shares, "must be a non-negative integer");
        }
    }

    private static void Lendable(JsonMap? map, FieldPath path, FieldErrors errors)
    {
        if (map?.Integer("lendablePercent") is { } percent and (< 0 or > 100))
        {
            errors.Invalid(path.Child("lendablePercent"), percent, "must be between 0 and 100, inclusive");
        }
    }

    private static void Limited(JsonMap limited, FieldPath path, FieldErrors errors)
    {
        Shares(limited, path, errors);
        Response(limited, path.Child("limitResponse"), errors);
        Lendable(limited, path, errors);
        if (limited.Integer("borrowingLimitPercent") is < 0 and var borrowing)
        {
            errors.Invalid(path.Child("borrowingLimitPercent"), borrowing, "if specified, must be a non-negative integer");
        }
    }

    private static void Response(JsonMap limited, FieldPath path, FieldErrors errors)
    {
        JsonMap? response = limited.Map("limitResponse");
        JsonMap? queuing = response?.Map("queuing");
        switch (response?.String("type"))
        {
            case "Reject":
                if (queuing is not null)
                {
                    errors.Forbidden(path.Child("queuing"), "must be nil if limited.limitResponse.type is not Limited");
                }

                break;
            case "Queue":
                if (queuing is null)
                {
                    errors.Required(path.Child("queuing"), "must not be empty if limited.limitResponse.type is Limited");
                }
                else
                {
                    Queues(queuing, path.Child("queuing"), errors);
                }

                break;
            case var other:
                errors.NotSupported(path.Child("type"), other ?? "", "Queue", "Reject");
                break;
        }
    }

    private static void Queues(JsonMap queuing, FieldPath path, FieldErrors errors)
    {
        long limit = queuing.Integer("queueLengthLimit") ?? 0,
            queues = queuing.Integer("queues") ?? 0, hand = queuing.Integer("handSize") ?? 0;
        if (limit <= 0)
        {
            errors.Invalid(path.Child("queueLengthLimit"), limit, "must be positive");
        }

        if (queues <= 0)
        {
            errors.Invalid(path.Child("queues"), queues, "must be positive");
        }
        else if (queues > MaxQueues)
        {
            errors.Invalid(path.Child("queues"), queues, $"must not be greater than {MaxQueues}");
        }

        if (hand <= 0)
        {
            errors.Invalid(path.Child("handSize"), hand, "must be positive");
        }
        else if (hand > queues)
        {
            errors.Invalid(path.Child("handSize"), hand, $"should not be greater than queues ({queues})");
        }
        else if ((int)Math.Ceiling(Math.Log2(queues) * hand) > MaxHashBits)
        {
            errors.Invalid(
                path.Child("handSize"), hand,
                $"required entropy bits of deckSize {queues} and handSize {hand} should not be greater than {MaxHashBits}");
        }
    }
}
