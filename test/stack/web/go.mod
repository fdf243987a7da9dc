module refit/test/web

go 1.24.0
