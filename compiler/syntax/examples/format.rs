//! Formats a file to the standard output: `cargo run -p purlin-syntax --example format -- FILE`.

fn main() {
    let Some(path) = std::env::args().nth(1) else { return eprintln!("a file is needed") };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => return eprintln!("{path}: {error}"),
    };
    match purlin_syntax::format(&text) {
        Ok(formatted) => print!("{formatted}"),
        Err(errors) => errors.iter().for_each(|error| eprintln!("{path}: {}", error.message)),
    }
}
