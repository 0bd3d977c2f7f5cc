//! Documents made up from a seed, the same in every run.

/// A small generator of pseudo-random numbers (xorshift).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

const NAMES: &[&str] = &[
    "node",
    "gpu-pool",
    "a",
    "Ünïcode",
    "名前",
    "\"quoted name\"",
    "\"es\\\"caped\\n\"",
    "#\"raw \"name\"\"#",
    "r",
    "r2",
    "--flag",
    "+",
    "-x",
    ".dot",
    "true-ish",
    "a.b.c",
    "$param",
    "_",
    "emoji😀",
    "x:y",
    "<a>",
    "1st\u{200b}",
];
const VALUES: &[&str] = &[
    "1",
    "-1",
    "+1",
    "1_000",
    "0x1F",
    "0o17",
    "0b1010",
    "1.5",
    "1.50",
    "-2.5e10",
    "1e-3",
    "1E+3",
    "0.0",
    "#true",
    "#false",
    "#null",
    "#inf",
    "#-inf",
    "#nan",
    "bare",
    "word.with.dots",
    "\"quoted\"",
    "\"with \\\"escapes\\\" \\u{1F600} \\s\"",
    "\"\"",
    "\"80GiB\"",
    "#\"raw \\ text\"#",
    "##\"raw \"# text\"##",
    "\"a \\\n      b\"",
    "\"${x}\"",
    "$x",
    "\"// no comment\"",
    "\"/* none */\"",
    "#\"\"#",
    "\"}\"",
    "\"{\"",
    "\"日本語\"",
];
const SPACES: &[&str] =
    &[" ", "  ", "\t", " /* c */ ", " \\\n  ", " /* a /* b */ c */ ", "\u{a0}", " \\ // why\n ", "\u{3000}"];
const LINE_ENDS: &[&str] =
    &["\n", "\n", "\n", "\n\n", "\r\n", ";", "; ", " // end\n", "\n\n\n", " /* end */\n", "\n// own line\n"];

/// A document that KDL 2 accepts, with about `nodes` nodes at the top.
pub(crate) fn document(random: &mut Random, nodes: usize) -> String {
    let mut out = String::new();
    if random.chance(3) {
        out.push('\u{feff}');
    }
    if random.chance(5) {
        out.push_str("/- kdl-version 2\n");
    }
    for _ in 0..nodes {
        node(random, 0, &mut out);
    }
    out
}

fn name(random: &mut Random, out: &mut String) {
    let chosen = random.pick(NAMES);
    // A digit begins no bare word.
    out.push_str(if chosen.starts_with('1') { "first" } else { chosen });
}

fn space(random: &mut Random, out: &mut String) {
    let plain = random.chance(80);
    out.push_str(if plain { " " } else { random.pick(SPACES) });
}

fn annotation(random: &mut Random, out: &mut String) {
    if random.chance(10) {
        let written = random.pick(&["(u8)", "(expr)", "( \"a b\" )", "(date)"]);
        out.push_str(written);
        if random.chance(10) {
            space(random, out);
        }
    }
}

fn node(random: &mut Random, depth: usize, out: &mut String) {
    if random.chance(70) {
        out.push_str(&"    ".repeat(depth));
    }
    if random.chance(4) {
        let written = random.pick(&["/-", "/- ", "/-\n", "/- // why\n"]);
        out.push_str(written);
    }
    annotation(random, out);
    name(random, out);
    for _ in 0..random.below(5) {
        space(random, out);
        if random.chance(5) {
            let written = random.pick(&["/-", "/- ", "/-\n"]);
            out.push_str(written);
        }
        entry(random, out);
    }
    if random.chance(4) {
        space(random, out);
        out.push_str("/-");
        block(random, depth, out);
    }
    if depth < 5 && random.chance(35) {
        space(random, out);
        block(random, depth, out);
    }
    out.push_str(random.pick(LINE_ENDS));
}

fn block(random: &mut Random, depth: usize, out: &mut String) {
    out.push('{');
    let open = random.pick(&["\n", "\n", " ", "", " // open\n"]);
    out.push_str(open);
    for _ in 0..random.below(4) {
        node(random, depth + 1, out);
    }
    out.push_str(&"    ".repeat(depth));
    out.push('}');
}

fn entry(random: &mut Random, out: &mut String) {
    if random.chance(40) {
        name(random, out);
        let equals = if random.chance(90) { "=" } else { random.pick(&[" =", "= ", " = "]) };
        out.push_str(equals);
    }
    annotation(random, out);
    if random.chance(4) {
        let written = random.pick(&[
            "\"\"\"\n      several\n        lines \\t\n\n      \"\"\"",
            "#\"\"\"\n  raw\n   lines \\\n  \"\"\"#",
            "\"\"\"\n\"\"\"",
            "\"\"\"\r\n  crlf\r\n  \"\"\"",
        ]);
        out.push_str(written);
    } else {
        out.push_str(random.pick(VALUES));
    }
}
