// etcd's own module has replace directives, which `go build` refuses for a dependency's main package: this is the same main.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
