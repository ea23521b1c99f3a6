# Makes diskbench's table of what was said in the box. `expected` has the names of all rows; with `smoke` the counts of smvm are
# looked at, too. What is missing is an error with the log of that run, and status 1.

function wrong(text) { print "ERROR: " text; bad = 1 }
function median_and_spread(text,   parts, count, i, j, t) {
    count = split(text, parts, " ")
    if (count == 0) return "not measured"
    for (i = 2; i <= count; i++)
        for (j = i; j > 1 && parts[j] + 0 < parts[j - 1] + 0; j--) { t = parts[j]; parts[j] = parts[j - 1]; parts[j - 1] = t }
    t = count % 2 ? parts[(count + 1) / 2] : (parts[count / 2] + parts[count / 2 + 1]) / 2
    return sprintf("%.0f (%.0f–%.0f)", t, parts[1], parts[count])
}
# A number of the JSON line.
function value(name,   rest) {
    if (!match(json, "\"" name "\":[0-9]+")) return 0
    rest = substr(json, RSTART, RLENGTH)
    sub(/.*:/, "", rest)
    return rest + 0
}
function finish(status,   key, i) {
    if (status == 0 && ended && complaints == "" && lines > 0 && lines % 4 == 0) {
        for (key in now) list[who "," key] = list[who "," key] now[key]
        good[who]++
    } else {
        wrong(who " was not measured: status " status (ended ? "" : ", not at its end") complaints ". Its log:")
        for (i = logged > 40 ? logged - 40 : 0; i < logged; i++) print "    " log_line[i]
    }
    if (json != "" && value("requests") > 0) {
        # The most of all rounds.
        i = (value("mmio_write") + value("mmio_read")) / value("requests")
        if (i > exits[who]) exits[who] = i
        i = megabytes ? (value("requests") - small) / megabytes : 0
        if (i > large_requests[who]) large_requests[who] = i
    }
}

/^@@ status / { finish($3); who = ""; next }
/^@@ json / { json = substr($0, 9); next }
/^@@ / {
    who = $2
    logged = lines = ended = megabytes = small = 0
    complaints = json = ""
    for (key in now) delete now[key]
    next
}
{ log_line[logged++] = $0 }
/bench: end/ { ended = 1; next }
/bench: (sequential|random)-(read|write) / {
    sub(/.*bench: /, "")
    lines++
    if (NF != 4 || $3 <= 0) { complaints = complaints "; nonsense: " $0; next }
    if ($4 > 0) complaints = complaints "; " $4 " requests of " $1 " failed"
    # A sequential request is 1 MiB.
    now[$1] = now[$1] " " $2 / ($3 / 1e9)
    if ($1 ~ /^sequential/) megabytes += $2; else small += $2
    next
}
/bench: / { sub(/.*bench: /, ""); complaints = complaints "; " $0 }

END {
    if (who != "") finish("unknown")
    print "| monitor | sequential read, MiB/s | sequential write, MiB/s | random reads a second | random writes a second |"
    print "|---|---|---|---|---|"
    count = split(expected, names, " ")
    for (i = 1; i <= count; i++) {
        name = names[i]
        if (!good[name]) wrong(name " was never measured")
        print "| " name " | " median_and_spread(list[name ",sequential-read"]) " | " \
            median_and_spread(list[name ",sequential-write"]) " | " median_and_spread(list[name ",random-read"]) " | " \
            median_and_spread(list[name ",random-write"]) " |"
    }
    for (i = 1; i <= count; i++)
        if (names[i] in exits)
            printf "%s: at most %.2f exits a request, and %.2f requests a MiB in sequence\n", names[i], exits[names[i]], large_requests[names[i]]
    if (smoke && !(exits["smvm"] > 0 && exits["smvm"] < 2.6)) wrong("that is too many exits a request, or none were counted")
    if (smoke && !(large_requests["smvm"] < 1.3)) wrong("that is too many requests a MiB")
    exit bad
}
