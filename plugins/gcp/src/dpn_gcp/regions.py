"""The short code of each Google Cloud region.

Google prints none. These are made of the area (`a` Asia, `e` Europe, `us`), the direction and the number: `ew4` is
europe-west4. Two letters for each part (`euwe4`) would be as clear and longer in every name.
"""

from collections.abc import Mapping

REGION_CODES: Mapping[str, str] = {
    "africa-south1": "afs1",
    "asia-east1": "ae1",
    "asia-east2": "ae2",
    "asia-northeast1": "ane1",
    "asia-northeast2": "ane2",
    "asia-northeast3": "ane3",
    "asia-south1": "as1",
    "asia-south2": "as2",
    "asia-southeast1": "ase1",
    "asia-southeast2": "ase2",
    "asia-southeast3": "ase3",
    "australia-southeast1": "ause1",
    "australia-southeast2": "ause2",
    "europe-central2": "ec2",
    "europe-north1": "en1",
    "europe-north2": "en2",
    "europe-southwest1": "esw1",
    "europe-west1": "ew1",
    "europe-west10": "ew10",
    "europe-west12": "ew12",
    "europe-west2": "ew2",
    "europe-west3": "ew3",
    "europe-west4": "ew4",
    "europe-west6": "ew6",
    "europe-west8": "ew8",
    "europe-west9": "ew9",
    "me-central1": "mc1",
    "me-central2": "mc2",
    "me-west1": "mw1",
    "northamerica-northeast1": "nane1",
    "northamerica-northeast2": "nane2",
    "northamerica-south1": "nas1",
    "southamerica-east1": "sae1",
    "southamerica-west1": "saw1",
    "us-central1": "usc1",
    "us-east1": "use1",
    "us-east4": "use4",
    "us-east5": "use5",
    "us-south1": "uss1",
    "us-west1": "usw1",
    "us-west2": "usw2",
    "us-west3": "usw3",
    "us-west4": "usw4",
}
