"""Values that many things have in common, and the spellings of makers. All in the barest form."""

import re


def bare(text: str) -> str:
    """A folded text without punctuation and spaces."""
    return re.sub(r"[\W_]+", "", text)


def _lines(block: str) -> frozenset[str]:
    return frozenset(bare(line) for line in block.splitlines() if bare(line))


PLACEHOLDERS = _lines("""
to be filled by o.e.m.
to be filled by oem
to be filled
filled by o.e.m.
fill by o.e.m.
to be defined
default string
default
standard
system serial number
system product name
system manufacturer
system version
base board serial number
baseboard serial number
board serial number
chassis serial number
no chassis serial number
product serial number
serial number
no serial number
no serial
serial
sernum
none
null
n/a
not specified
not specify
not available
not applicable
not provided
not settable
not set
not present
not found
unspecified
uninitialized
undefined
unknown
unavailable
invalid
empty
blank
test
demo
sample
tbd
tba
o.e.m.
virtual machine
vmware
qemu
xen
asset-1234567890
no asset tag
no asset information
""")
"""Serials that firmware ships with."""

PLACEHOLDER_UUIDS = _lines("""
03000200-0400-0500-0006-000700080009
00020003-0004-0005-0006-000700080009
12345678-1234-5678-90ab-cddeefaabbcc
00112233-4455-6677-8899-aabbccddeeff
01234567-8910-1112-1314-151617181920
01020304-0506-0708-090a-0b0c0d0e0f10
11111111-2222-3333-4444-555555555555
a1a2a3a4-a5a6-a7a8-a9aa-abacadaeafb0
4c4c4544-0000-2010-8020-80c04f202020
""")
"""UUIDs that many boards have; the last is Dell's without a service tag."""

COMMON_NAMES = frozenset({"localhost", "localdomain", "unknown", "none", "default", "router", ""})

SHARED_MACS = re.compile(
    r"00005e00(01|02)|00000c07ac|00000c9ff|000573a00|0007b400"  # VRRP, CARP, HSRP 1, 2, 6; GLBP
    r"|0000000000|00000000fe|01005e"  # no one's, ClusterXL, multicast
    r"|005056c0000|00059a3c7[8a]00|00090f(aa|fe)0001|001c4200000[89]"  # VMnet, VPN, Parallels
    r"|005345000000|505054503030|2041535[39]4eff"  # dial-up adapters of Windows
    r"|001e101f0000|0c5b8f279a64"  # mobile broadband sticks
)
"""Addresses that are shared by design (RFC 5798), or the same on every machine of a kind."""

MAKERS = """
hp: hewlett packard, hewlett packard enterprise, hpe, hp enterprise, 惠普, 慧与
dell: dell emc, dell computer, 戴尔
lenovo: ibm lenovo, 联想
cisco: 思科, cisco meraki
huawei: 华为
h3c: new h3c, hangzhou h3c, 新华三, 华三
juniper: juniper networks
zte: zhongxing telecommunication equipment, 中兴, 中兴通讯
ruijie: ruijie networks, 锐捷, 锐捷网络
inspur: inspur electronic information industry, 浪潮
asus: asustek, asustek computer
msi: micro star
supermicro: super micro, super micro computer
fujitsu: fujitsu siemens, fujitsu client computing, fujitsu technology solutions
toshiba: toshiba tec, toshiba client solutions, dynabook
microsoft: 微软
vmware: vmware by broadcom, broadcom vmware
konicaminolta: konica minolta business technologies
epson: seiko epson
ricoh: 理光
kyocera: kyocera document solutions, kyocera mita
brother: brother industries
hikvision: hangzhou hikvision, hangzhou hikvision digital, hikvision digital, 海康威视
dahua: zhejiang dahua, dahua vision, 大华
axis: axis communications
paloalto: palo alto networks
checkpoint: check point, check point software
f5: f5 networks
arista: arista networks
extreme: extreme networks
aruba: aruba networks, aruba a hewlett packard enterprise
brocade: brocade communications systems, brocade communications
mikrotik: mikrotikls sia, mikrotikls
tplink: tp link, 普联
ubiquiti: ubiquiti networks
apc: american power conversion, apc by schneider electric
"""

LEGAL = re.compile(
    r"\b(inc|incorporated|corp|corporation|co|company|ltd|limited|llc|gmbh|ag|sa|srl|bv|nv|oy|ab|"
    r"plc|kk|as|spa|technology|technologies|systems|group|international)\b\.?|(技术|科技|集团)?(股份)?有限公司"
)
"""What a company's name may end in, or not."""


def without_legal_form(text: str) -> str:
    """The bare name of a maker, without the legal form of the company, unless that is all."""
    plain = re.sub(r"[^\w.]+|_", " ", text)
    return bare(LEGAL.sub(" ", plain)) or bare(plain)


VENDORS = {
    without_legal_form(spelling): name
    for name, _, spellings in (line.partition(": ") for line in MAKERS.strip().splitlines())
    for spelling in (name, *spellings.split(", "))
}
"""The usual name of a maker by its other spellings."""
