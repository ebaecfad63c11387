# shellcheck shell=bash
# For the bats files of this folder: `load assert`. Each says what it saw when it fails.

# same EXPECTED ACTUAL
same() {
    if [ "$1" != "$2" ]; then
        printf 'expected: %s\nactual:   %s\n' "$1" "$2" >&2
        return 1
    fi
}

# contains TEXT PART
contains() {
    case $1 in
    *"$2"*) ;;
    *)
        printf 'no "%s" in:\n%s\n' "$2" "$1" >&2
        return 1
        ;;
    esac
}

# lacks TEXT PART
lacks() {
    case $1 in
    *"$2"*)
        printf '"%s" in:\n%s\n' "$2" "$1" >&2
        return 1
        ;;
    esac
}
