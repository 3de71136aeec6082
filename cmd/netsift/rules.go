package main

import "github.com/urfave/cli/v2"

func rulesCommand(e *Env) *cli.Command {
	return &cli.Command{Name: "rules", Usage: "lists what netsift can find; one rule in full", ArgsUsage: "[ID]"}
}
