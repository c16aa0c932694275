extension ManPage {
  /// What the man page says of `alarms`.
  static let alarms =
    "Reads alarms as notify publishes them, each topic from its beginning, and shows those that are "
    + "active: major and minor ones that no normal has cleared, by the time of their records. In a "
    + "terminal the table keeps up until q or Ctrl-C; elsewhere there is a line for each active alarm and "
    + "then one for each change: time (UTC), severity, device, rule, trigger and message, with tabs "
    + "between them. With --all every record is such a line, from the beginning on. With --once the "
    + "table is printed at the end of the topics. A MATCHER is NAME=VALUE, NAME!=VALUE, "
    + "NAME=~EXPRESSION or NAME!~EXPRESSION as in amtool; an expression (PCRE2) must match the whole "
    + "value. NAME is device-id (or device), group, keys, message, rule, severity, topic or trigger, "
    + "otherwise the name of a key or of a further field; keys.NAME is a key always. What an alarm has "
    + "not is empty. Name and value may stand in quotes, several matchers in braces with commas between "
    + "them; a word alone is a rule. All must hold. Records that are no alarms are counted and told once. "
    + "silence add keeps alarms that meet all its matchers quiet, here and what notify sends to webhooks, chat and mail, until --for is "
    + "over; it prints the silence's id. silence list shows those that hold, silence expire ends some. "
    + "heartbeat publishes an alarm when nothing is heard for --within, and its clear when there is: of "
    + "each topic of -t (--device then names the alarm's device), with the topic in the alarm's key _source; or, with matchers or without -t, of "
    + "each device that had an alarm in the last day (--since) which matches. Its alarm's topic is hbcat, "
    + "its rule heartbeat, its trigger silent, its severity major, unless options say otherwise. What is "
    + "raised already is read from the alarm's own topic. With --once it looks once, by the times of the "
    + "newest records, as for cron."
}
