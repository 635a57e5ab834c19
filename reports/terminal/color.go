package terminal

import "slices"

// ColorModes are the values of --color.
func ColorModes() []string { return []string{"auto", "always", "never"} }

// Color decides whether a report is shown in colour. mode is what --color says: "always" and
// "never" decide, "auto" and "" leave it to the environment: NO_COLOR, then CLICOLOR_FORCE or
// FORCE_COLOR, then CLICOLOR=0 (of the first three, any value but "0" and "" counts; NO_COLOR by
// any at all), then a CI system whose log shows colour, and last whether the output is a terminal.
func Color(mode string, env func(string) string, terminal bool) bool {
	forced := func(name string) bool { return !slices.Contains([]string{"", "0", "false"}, env(name)) }
	switch {
	case mode == "always":
		return true
	case mode == "never", env("NO_COLOR") != "":
		return false
	case forced("CLICOLOR_FORCE"), forced("FORCE_COLOR"):
		return true
	case env("CLICOLOR") == "0":
		return false
	case env("GITHUB_ACTIONS") == "true", env("GITLAB_CI") == "true":
		return true
	default:
		return terminal && env("TERM") != "dumb"
	}
}
