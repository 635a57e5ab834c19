package main

import (
	"flag"
	"fmt"
	"io"
	"runtime/debug"

	"brrtload/targetsvc/internal/config"
	"brrtload/targetsvc/internal/fault"
	"brrtload/targetsvc/internal/telemetry"
)

// version is set by the linker.
var version = "dev"

// revision is the commit of the build, when the tool chain recorded it.
func revision() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				return setting.Value
			}
		}
	}
	return "unknown"
}

// options are what the command line asks for.
type options struct {
	config      config.Config
	configPath  string
	groups      telemetry.Groups
	faults      *fault.Set
	announce    string
	allowRemote bool
	listFaults  bool
}

// parse reads the command line twice: first for the file it names, then over what file and
// environment say.
func parse(arguments, environment []string, stderr io.Writer) (options, error) {
	first, err := flags(arguments, config.Default(), stderr)
	if err != nil || first.listFaults {
		return first, err
	}
	c := config.Default()
	if first.configPath != "" {
		if err := config.FromFile(&c, first.configPath); err != nil {
			return first, err
		}
	}
	if err := config.FromEnvironment(&c, environment); err != nil {
		return first, err
	}
	o, err := flags(arguments, c, stderr)
	if err != nil {
		return o, err
	}
	if err := o.config.Check(); err != nil {
		return o, err
	}
	o.groups, err = telemetry.ParseGroups(o.config.Telemetry)
	return o, err
}

// flags lays the command line over a configuration.
func flags(arguments []string, c config.Config, stderr io.Writer) (options, error) {
	o := options{config: c, faults: fault.NewSet()}
	set := flag.NewFlagSet("targetsvc", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&o.configPath, "config", "", "read this YAML `FILE`")
	set.StringVar(&o.announce, "announce", "", "write pid and addresses as JSON to this `FILE` when ready")
	set.BoolVar(&o.allowRemote, "allow-remote", false, "allow --listen to be an address that others can reach")
	set.BoolVar(&o.listFaults, "list-faults", false, "list the faults and exit")
	set.Func("fault", "switch a fault on, `NAME=VALUE`, or after a while, NAME=VALUE@DURATION; may be repeated",
		o.faults.EnableText)
	config.Flags(set, &o.config)
	if err := set.Parse(arguments); err != nil {
		return o, err
	}
	if set.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", set.Arg(0))
	}
	return o, nil
}
