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

# findings_of SERVICE: the ids that finding and no_finding are given begin with it, as "spf.absent" does.
findings_of() {
    finding_service=$1.
}

# finding STATE ID: stands in $output, the lines of -v.
finding() {
    local id=${finding_service-}$2 line
    while IFS= read -r line; do
        case $line in
        "$1 $id "* | "$1 $id") return 0 ;;
        esac
    done <<<"${output-}"
    printf 'no "%s %s" in:\n%s\n' "$1" "$id" "${output-}" >&2
    return 1
}

# no_finding STATE ID
no_finding() {
    if finding "$1" "$2" 2>/dev/null; then
        printf '"%s %s" in:\n%s\n' "$1" "${finding_service-}$2" "${output-}" >&2
        return 1
    fi
}
