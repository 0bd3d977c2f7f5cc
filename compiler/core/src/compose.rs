//! Names that are made for other systems: Kubernetes, clouds, DNS. Every one is made, shortened and checked here.
//!
//! A name that a system accepts stays as it is. Any other is made to fit, and then ends in a hash of what it was made
//! from, so that two names that differ never meet and the same name comes out every time.

use std::borrow::Cow;

/// The label that says to which pool a node belongs; its value is [`pool_label`].
pub const POOL_LABEL: &str = "purlin.dev/pool";

/// What a system accepts as a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NameRule {
    /// The most bytes.
    pub max: usize,
    /// The fewest bytes.
    pub min: usize,
    /// Characters besides lower-case letters and digits, in the middle of a name. The first of them joins parts and
    /// stands for what is not allowed; without any, parts are joined directly.
    pub marks: &'static str,
    /// Whether it has to begin with a letter.
    pub letter_first: bool,
    /// Whether upper-case letters are allowed.
    pub upper: bool,
}

const LABEL: NameRule = NameRule { max: 63, min: 1, marks: "-", letter_first: false, upper: false };

/// A label of RFC 1123: namespaces, containers, most names in Kubernetes that become a part of a host name.
pub const DNS_LABEL: NameRule = LABEL;
/// A label of RFC 1035: services, and what controllers make services or hosts of (`TrainJob`, `JobSet`, `InferenceService`).
pub const SERVICE: NameRule = NameRule { letter_first: true, ..LABEL };
/// A subdomain of RFC 1123: the name of most objects in Kubernetes.
pub const OBJECT: NameRule = NameRule { max: 253, marks: "-.", ..LABEL };
/// The value of a label in Kubernetes.
pub const LABEL_VALUE: NameRule = NameRule { marks: "-._", upper: true, ..LABEL };
/// A bucket of S3 or of Google Cloud Storage. Dots are allowed there, but break TLS to the bucket's own host name.
pub const BUCKET: NameRule = NameRule { min: 3, ..LABEL };
/// A role of AWS IAM.
pub const IAM_ROLE: NameRule = NameRule { max: 64, marks: "-._", upper: true, ..LABEL };
/// A cluster of EKS; shorter than it allows, so that what is named after it has room.
pub const EKS_CLUSTER: NameRule = NameRule { max: 48, ..LABEL };
/// A node group of EKS.
pub const EKS_NODE_GROUP: NameRule = LABEL;
/// An alias of a key of KMS, behind `alias/`.
pub const KMS_ALIAS: NameRule = NameRule { max: 250, marks: "-_", ..LABEL };
/// Most other names and tags of AWS.
pub const AWS_NAME: NameRule = NameRule { max: 100, marks: "-_", upper: true, ..LABEL };
/// A cluster of MSK.
pub const MSK_CLUSTER: NameRule = NameRule { max: 64, upper: true, ..LABEL };
/// Most resources of Google Cloud: RFC 1035.
pub const GCP_RESOURCE: NameRule = SERVICE;
/// A service account of Google Cloud.
pub const GCP_SERVICE_ACCOUNT: NameRule = NameRule { max: 30, min: 6, letter_first: true, ..LABEL };
/// A storage account of Azure: letters and digits alone.
pub const AZURE_STORAGE_ACCOUNT: NameRule = NameRule { max: 24, min: 3, marks: "", ..LABEL };
/// A node pool of AKS, for Linux: letters and digits alone, 12 of them.
pub const AKS_POOL: NameRule = NameRule { max: 12, marks: "", letter_first: true, ..LABEL };
/// An identifier of Terraform, as this compiler writes them: words with underscores.
pub const TERRAFORM: NameRule = NameRule { max: 128, marks: "_-", letter_first: true, ..LABEL };

/// A `JobSet`'s name with room for what its controller appends: `-node-0-99999` for the largest index, `-abcde` for a pod.
pub const JOBSET: NameRule = NameRule { max: 63 - "-node-0-99999-abcde".len(), ..SERVICE };
/// An `InferenceService`'s name with room for `-predictor`.
pub const INFERENCE_SERVICE: NameRule = NameRule { max: 63 - "-predictor".len(), ..SERVICE };
/// A `CronJob`'s name with room for the eleven characters that name one run.
pub const CRON_JOB: NameRule = NameRule { max: 52, ..SERVICE };
/// A Kafka cluster's name with room for `-kafka-bootstrap`, its longest service.
pub const KAFKA: NameRule = NameRule { max: 63 - "-kafka-bootstrap".len(), ..SERVICE };

/// The rule for the name of a workload's objects, and of its service account.
pub fn workload(kind: &str) -> NameRule {
    match kind {
        "training-job" => JOBSET,
        "serving" => INFERENCE_SERVICE,
        "pipeline" => CRON_JOB,
        _ => SERVICE,
    }
}

/// Hexadecimal digits of the hash.
const HASH: usize = 8;

impl NameRule {
    /// Whether the system accepts the name.
    pub fn accepts(self, name: &str) -> bool {
        let bytes = name.as_bytes();
        let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
        (self.min..=self.max).contains(&bytes.len())
            && self.alphanumeric(*first)
            && self.alphanumeric(*last)
            && !(self.letter_first && first.is_ascii_digit())
            && bytes.iter().all(|byte| self.alphanumeric(*byte) || self.marks.as_bytes().contains(byte))
            && !name.contains("..")
            && !name.contains(".-")
            && !name.contains("-.")
    }

    fn alphanumeric(self, byte: u8) -> bool {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || self.upper && byte.is_ascii_uppercase()
    }

    /// The name, or what it becomes where the system does not accept it.
    pub fn name(self, name: &str) -> Cow<'_, str> {
        if self.accepts(name) { Cow::Borrowed(name) } else { Cow::Owned(self.fit(name, name)) }
    }

    /// One name of several parts: `platform-environment-name`. Empty parts are left out.
    pub fn join(self, parts: &[&str]) -> String {
        let mark = self.mark().map(String::from).unwrap_or_default();
        let kept: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
        let joined = kept.join(&mark);
        if self.accepts(&joined) { joined } else { self.fit(&joined, &kept.join("\0")) }
    }

    fn mark(self) -> Option<char> {
        self.marks.chars().next()
    }

    /// As much of the name as fits, and the hash of what it was made from.
    fn fit(self, name: &str, from: &str) -> String {
        let mut fitted = String::with_capacity(name.len().min(self.max) + HASH + 1);
        for c in name.chars() {
            let c = if self.upper { c } else { c.to_ascii_lowercase() };
            if u8::try_from(c).is_ok_and(|byte| self.alphanumeric(byte)) {
                if self.letter_first && fitted.is_empty() && c.is_ascii_digit() {
                    fitted.push('x');
                }
                fitted.push(c);
            } else if let Some(mark) = self.mark()
                && !fitted.is_empty()
                && !fitted.ends_with(mark)
            {
                fitted.push(mark);
            }
        }
        if fitted.is_empty() {
            fitted.push('x');
        }
        let mark = self.mark().map(String::from).unwrap_or_default();
        fitted.truncate(self.max - HASH.min(self.max - 1) - mark.len());
        if let Some(mark) = self.mark() {
            fitted.truncate(fitted.trim_end_matches(mark).len());
        }
        fitted.push_str(&mark);
        fitted.push_str(&hash(from));
        fitted.truncate(self.max);
        fitted
    }
}

/// Eight digits that change with a text. They tell texts apart, and keep nothing secret.
pub fn fingerprint(text: &str) -> String {
    hash(text)
}

/// FNV-1a, folded to 32 bits.
fn hash(text: &str) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{:08x}", (hash >> 32) as u32 ^ hash as u32)
}

/// The value of [`POOL_LABEL`] on the nodes of a pool: its address, `gpu-pool.h100`.
pub fn pool_label(kind: &str, name: &str) -> String {
    LABEL_VALUE.name(&format!("{kind}.{name}")).into_owned()
}

/// Where a storage that is a file system is mounted in every container that uses it.
pub fn mount_path(storage: &str) -> String {
    format!("/mnt/{storage}")
}

/// A name as an environment variable: `hf-token` becomes `HF_TOKEN`.
pub fn environment_variable(name: &str) -> String {
    let mut variable: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    if variable.starts_with(|c: char| c.is_ascii_digit()) {
        variable.insert(0, '_');
    }
    variable
}

/// Whether Kubernetes and every shell accept the name of an environment variable.
pub fn is_environment_variable(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: NameRule, name: &str, expect: &str) {
        let made = rule.name(name);
        assert_eq!(made, expect);
        assert!(rule.accepts(&made), "{made} is not accepted");
    }

    #[test]
    fn an_accepted_name_stays_as_it_is() {
        check(DNS_LABEL, "chat", "chat");
        check(DNS_LABEL, "3d-chat", "3d-chat");
        check(OBJECT, "gpu-pool.h100", "gpu-pool.h100");
        check(LABEL_VALUE, "CC-4711", "CC-4711");
        check(SERVICE, &"a".repeat(63), &"a".repeat(63));
    }

    #[test]
    fn what_is_not_accepted_ends_in_the_hash_of_what_it_was() {
        check(DNS_LABEL, "Chat Bot", "chat-bot-ef3a9651");
        check(DNS_LABEL, "chat_bot", "chat-bot-a7da5ea1");
        check(SERVICE, "3d", "x3d-b340b635");
        check(DNS_LABEL, "", "x-4fd0bfc1");
        check(DNS_LABEL, "Größe", "gr-e-d109011f");
        check(AZURE_STORAGE_ACCOUNT, "acme-lake", "acmelakec2018130");
        check(OBJECT, "a..b", "a-b-1126baec");
    }

    #[test]
    fn a_long_name_is_cut_to_the_limit_and_stays_apart_from_its_neighbour() {
        let (one, two) = ("a".repeat(70), format!("{}b", "a".repeat(69)));
        let (one, two) = (DNS_LABEL.name(&one).into_owned(), DNS_LABEL.name(&two).into_owned());
        assert_eq!(one.len(), 63);
        assert!(one != two && DNS_LABEL.accepts(&one) && DNS_LABEL.accepts(&two));
    }

    #[test]
    fn a_job_has_room_for_the_largest_index() {
        let name = JOBSET.name(&"a".repeat(60)).into_owned();
        assert!(SERVICE.accepts(&format!("{name}-node-0-99999-abcde")), "{name}");
    }

    #[test]
    fn parts_are_joined_and_empty_ones_left_out() {
        assert_eq!(BUCKET.join(&["acme", "", "lake"]), "acme-lake");
        assert_eq!(TERRAFORM.join(&["gpu_pool", "h100"]), "gpu_pool_h100");
        let (one, two) = ("x".repeat(60), "y".repeat(60));
        assert!(BUCKET.accepts(&BUCKET.join(&[&one, &two])));
        assert!(BUCKET.join(&["Ab", "c"]) != BUCKET.join(&["A", "bc"]));
    }

    #[test]
    fn every_rule_makes_names_that_it_accepts() {
        let rules = [
            DNS_LABEL,
            SERVICE,
            OBJECT,
            LABEL_VALUE,
            BUCKET,
            IAM_ROLE,
            GCP_SERVICE_ACCOUNT,
            TERRAFORM,
            AZURE_STORAGE_ACCOUNT,
            AKS_POOL,
            JOBSET,
            INFERENCE_SERVICE,
            CRON_JOB,
            KAFKA,
        ];
        let long = "long.name-".repeat(40);
        for rule in rules {
            for name in ["", "-", "a", "1", "A", "ß", "a.-b", "-a-", "...", "a\nb", "🦀", &long] {
                let made = rule.name(name);
                assert!(rule.accepts(&made), "{rule:?}: {name:?} became {made:?}");
            }
        }
    }

    #[test]
    fn environment_variables_are_upper_case() {
        assert_eq!(environment_variable("hf-token"), "HF_TOKEN");
        assert_eq!(environment_variable("3d"), "_3D");
        assert!(is_environment_variable("HF_TOKEN") && !is_environment_variable("A-B"));
    }
}
