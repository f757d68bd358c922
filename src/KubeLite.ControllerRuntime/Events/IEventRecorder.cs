using k8s;
using k8s.Models;

namespace KubeLite.ControllerRuntime.Events;

/// <summary>Tells users what happened to an object, by Events beside it. Never blocks, never fails the caller.</summary>
public interface IEventRecorder
{
    /// <summary>Records one event.</summary>
    /// <param name="item">What it is about; needs kind, apiVersion, name and uid.</param>
    /// <param name="type"><c>Normal</c> or <c>Warning</c>.</param>
    /// <param name="reason">One CamelCase word, such as <c>SuccessfulCreate</c>.</param>
    /// <param name="message">For people.</param>
    void Record(IKubernetesObject<V1ObjectMeta> item, string type, string reason, string message);

    /// <summary>As <see cref="Record(IKubernetesObject{V1ObjectMeta}, string, string, string)"/>, about a reference.</summary>
    void Record(V1ObjectReference item, string type, string reason, string message);
}
