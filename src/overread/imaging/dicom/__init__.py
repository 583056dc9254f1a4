"""DICOM files as grey or colour pictures: told by content, decoded by pydicom and GDCM, shown as the file says it is to be shown."""

from overread.imaging.dicom.contents import dataset as dataset
from overread.imaging.dicom.contents import flat as flat
from overread.imaging.dicom.contents import is_dicom as is_dicom
from overread.imaging.dicom.frames import single as single
from overread.imaging.dicom.picture import decode as decode
from overread.imaging.dicom.tags import facts as facts
