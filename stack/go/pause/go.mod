module refit/stack/pause

go 1.24.0
