"""What files are by their first bytes, so that none comes disguised as another."""

import re

PCAP = "application/vnd.tcpdump.pcap"
SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
    (b"\xca\xfe\xba\xbe", "application/x-executable"),
    (b"\xcf\xfa\xed\xfe", "application/x-executable"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\xd4\xc3\xb2\xa1", PCAP),
    (b"\xa1\xb2\xc3\xd4", PCAP),
    (b"\x4d\x3c\xb2\xa1", PCAP),
    (b"\xa1\xb2\x3c\x4d", PCAP),
    (b"\x0a\x0d\x0d\x0a", PCAP),
)
"""First bytes, and what they tell."""

ZIPPED = re.compile(
    r"application/(zip|vnd\.openxmlformats-officedocument\..+|vnd\.oasis\.opendocument\..+)"
)
OLD_OFFICE = re.compile(r"application/(msword|vnd\.ms-(excel|powerpoint|outlook))")
EXTENSIONS = {
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "application/pdf": ("pdf",),
    "text/csv": ("csv",),
    "application/json": ("json",),
    "application/zip": ("zip",),
    "application/gzip": ("gz", "tgz"),
}
"""The extensions that files of a type have; of other types any but those that run."""

RUNNING = frozenset(
    {
        *("exe", "com", "bat", "cmd", "scr", "msi", "ps1", "vbs", "vbe", "js", "jse", "wsf", "hta"),
        *("jar", "lnk", "reg", "dll", "cpl", "html", "htm", "xhtml", "svg", "mht", "iso", "apk"),
        *("pif", "scf", "url", "msc", "msp", "wsh", "wsc", "psm1", "xht", "shtml", "svgz", "mhtml"),
        *("sh", "command", "desktop", "dmg", "pkg", "deb", "rpm", "xll", "jnlp", "application"),
    }
)
"""Extensions of what runs when somebody opens it."""


def detected(data: bytes) -> str:
    """The media type that the first bytes tell; `text/plain` for text, empty where unknown."""
    for start, media_type in SIGNATURES:
        if data.startswith(start):
            return media_type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return "" if re.search(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]", text) else "text/plain"


def fits(media_type: str, name: str, data: bytes) -> bool:
    """Whether bytes and name are what the media type says."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    allowed = EXTENSIONS.get(media_type)
    if extension in RUNNING or (extension and allowed and extension not in allowed):
        return False
    found = detected(data)
    if media_type.startswith("text/") or media_type in ("application/json", "message/rfc822"):
        return found == "text/plain"
    if ZIPPED.fullmatch(media_type):
        return found == "application/zip"
    if OLD_OFFICE.fullmatch(media_type):
        return found == "application/x-ole-storage"
    return found == media_type
