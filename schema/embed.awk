# embed.awk - writes the SQL files given as a C table: schema_files[] = { { "0001_base.sql", "text" }, … }.
# Lines of comment and empty lines are left out; everything else goes in as it is. No backslashes: awks differ there.
BEGIN {
    print "/* Made from schema/ by embed.awk; do not edit. */"
    print "#include \"store/schema.h\"\n"
    print "const struct schema_file schema_files[] = {"
}
FNR == 1 {
    if (NR > 1) print "    },"
    name = FILENAME
    sub(/^.*\//, "", name)
    printf "    {\"%s\",\n", name
}
/\\/ { print FILENAME ": backslash" > "/dev/stderr"; exit 1 }
/^--/ || /^$/ { next }
{
    gsub(/"/, "\\\"")
    printf "     \"%s\\n\"\n", $0
}
END {
    print "    },"
    print "};"
    print "const size_t schema_files_n = sizeof schema_files / sizeof schema_files[0];"
}
