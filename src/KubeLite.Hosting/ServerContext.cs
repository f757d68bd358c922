using System.CommandLine;
using Microsoft.Extensions.Logging;

namespace KubeLite.Hosting;

/// <summary>What <see cref="ServerMain"/> hands to the code that builds a server.</summary>
/// <param name="Flags">The parsed command line.</param>
/// <param name="LoggerFactory">Where the server logs; owned and disposed by <see cref="ServerMain"/>.</param>
/// <param name="TimeProvider">The clock of the process.</param>
public sealed record ServerContext(ParseResult Flags, ILoggerFactory LoggerFactory, TimeProvider TimeProvider);
