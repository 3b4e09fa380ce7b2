//go:build tools

// Package tools pins Pulumi's Node.js language host, so that go.mod and go.sum name every module it is built from.
package tools

import _ "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs"
