# Prints `file:line:code` for C sources: comments gone, the inside of literals gone, #include lines whole.
# Lines without code are left out.

FNR == 1 { in_comment = 0 }

{
    rest = $0
    code = ""
    if (!in_comment && rest ~ /^[ \t]*#[ \t]*include/) {
        print FILENAME ":" FNR ":" rest
        next
    }
    while (rest != "") {
        if (in_comment) {
            end = index(rest, "*/")
            if (end == 0)
                break
            rest = substr(rest, end + 2)
            in_comment = 0
        }
        if (!match(rest, /"([^"\\]|\\.)*"|'([^'\\]|\\.)*'|\/\*|\/\//)) {
            code = code rest
            break
        }
        code = code substr(rest, 1, RSTART - 1)
        token = substr(rest, RSTART, RLENGTH)
        rest = substr(rest, RSTART + RLENGTH)
        if (token == "//")
            break
        if (token == "/*")
            in_comment = 1
        else
            code = code "\"\""
    }
    if (code ~ /[^ \t]/)
        print FILENAME ":" FNR ":" code
}
