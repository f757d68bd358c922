using System.Globalization;
using KubeLite.ControllerManager.CronJobs;
using Xunit;

namespace KubeLite.ControllerManager.Tests.CronJobs;

public sealed class CronScheduleTests
{
    private static DateTime Time(string text) =>
        DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);

    [Theory]
    [InlineData("* * * * *", "2024-01-01T00:00:30Z", "2024-01-01T00:01:00Z")]
    [InlineData("*/15 * * * *", "2024-01-01T00:45:00Z", "2024-01-01T01:00:00Z")]
    [InlineData("30 2 29 2 *", "2024-03-01T00:00:00Z", "2028-02-29T02:30:00Z")]
    [InlineData("0 0 13 * fri", "2024-01-01T00:00:00Z", "2024-01-05T00:00:00Z")]
    [InlineData("0 9-17/4 * jan-mar 1-5", "2024-01-05T17:00:00Z", "2024-01-08T09:00:00Z")]
    [InlineData("0 0 * * 7", "2024-01-01T00:00:00Z", "2024-01-07T00:00:00Z")]
    [InlineData("@hourly", "2024-01-01T00:00:00Z", "2024-01-01T01:00:00Z")]
    [InlineData("@weekly", "2024-01-01T00:00:00Z", "2024-01-07T00:00:00Z")]
    [InlineData("@every 1h30m", "2024-01-01T00:00:00Z", "2024-01-01T01:30:00Z")]
    public void Next_Utc_IsThatTime(string schedule, string after, string expected) =>
        Assert.Equal(Time(expected), CronSchedule.Parse(schedule, TimeZoneInfo.Utc).Next(Time(after)));

    [Theory]
    [InlineData("TZ=Europe/Berlin 30 2 * * *", "2024-03-30T12:00:00Z", "2024-04-01T00:30:00Z")]
    [InlineData("CRON_TZ=America/New_York 0 12 * * *", "2024-07-01T00:00:00Z", "2024-07-01T16:00:00Z")]
    public void Next_InZone_FollowsItsClock(string schedule, string after, string expected) =>
        Assert.Equal(Time(expected), CronSchedule.Parse(schedule, TimeZoneInfo.Utc).Next(Time(after)));

    [Fact]
    public void Next_NeverHappens_IsNull() =>
        Assert.Null(CronSchedule.Parse("0 0 31 2 *", TimeZoneInfo.Utc).Next(Time("2024-01-01T00:00:00Z")));

    [Theory]
    [InlineData("* * * *")]
    [InlineData("60 * * * *")]
    [InlineData("x * * * *")]
    [InlineData("5-1 * * * *")]
    [InlineData("*/0 * * * *")]
    [InlineData("@every never")]
    [InlineData("TZ=Nowhere/Else * * * * *")]
    public void Parse_Malformed_Throws(string schedule) =>
        Assert.Throws<FormatException>(() => CronSchedule.Parse(schedule, TimeZoneInfo.Utc));
}
