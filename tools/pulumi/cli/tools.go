//go:build tools

// Package tools pins the Pulumi command line, so that go.mod and go.sum name every module it is built from.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
