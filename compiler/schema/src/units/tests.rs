use super::*;

#[test]
fn every_example_reads_and_is_written_back_to_the_same_value() {
    for &kind in QuantityKind::ALL {
        for example in kind.examples() {
            let value = parse(kind, example).unwrap_or_else(|error| panic!("{kind:?} {example}: {error:?}"));
            let again = parse(kind, &value.to_string());
            assert_eq!(again.as_ref(), Ok(&value), "{kind:?} {example} as {value}");
        }
    }
}
