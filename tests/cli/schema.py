#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""schema.py SCHEMA REPORT...: every report is what the schema says, and the schema says of every
object all there is (a member that it does not name is an error). A planted member has to be found."""
import json
import sys

import jsonschema


def is_strict(schema, where):
    """Objects name their members, or say what all of them are."""
    bad = []
    if isinstance(schema, dict):
        kind = schema.get("type")
        if kind == "object" and "additionalProperties" not in schema:
            bad.append(where)
        if "properties" in schema and schema.get("additionalProperties") is not False:
            bad.append(where)
        for name, sub in schema.items():
            bad += is_strict(sub, where + "/" + name)
    elif isinstance(schema, list):
        for i, sub in enumerate(schema):
            bad += is_strict(sub, "%s/%d" % (where, i))
    return bad


def is_documented(schema):
    """Members without a description, but for times and names of other parts."""
    bad = []
    for where, properties in walk(schema, ""):
        for name, sub in properties.items():
            if not {"description", "$ref", "const", "enum", "items", "properties"} & set(sub):
                bad.append(where + "/" + name)
    return bad


def walk(schema, where):
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            yield where, schema["properties"]
        for name, sub in schema.items():
            yield from walk(sub, where + "/" + name)


def main():
    schema = json.load(open(sys.argv[1], encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    failed = ["%s is open" % w for w in is_strict(schema, "")]
    failed += ["%s is not described" % w for w in is_documented(schema)]
    for path in sys.argv[2:]:
        report = json.load(open(path, encoding="utf-8"))
        for e in validator.iter_errors(report):
            failed.append("%s: /%s: %s" % (path, "/".join(map(str, e.path)), e.message[:300]))
        report["devices"][0]["planted"] = 1
        if validator.is_valid(report):
            failed.append("%s: a planted member is not found" % path)
    for line in failed[:20]:
        print(line, file=sys.stderr)
    print("%d reports" % (len(sys.argv) - 2))
    return 1 if failed or len(sys.argv) < 3 else 0


sys.exit(main())
