# SPDX-License-Identifier: GPL-2.0
# What a device of the driver domain's may do with the pages of a task; then
# the whole table, with an IOMMU to keep in step.
# shellcheck shell=sh disable=SC1091,SC2086,SC2154

. /drb/task.sh

# iommu STRICT RELAXED: what is expected of dom0's IOMMU.
iommu() {
	if [ "$iommu" = strict ]; then
		echo "$1"
	else
		echo "$2"
	fi
}

iommu_on() {
	xl dmesg >/tmp/xen &&
		grep 'I/O virtualisation enabled' /tmp/xen &&
		grep "Dom0 mode: $(iommu Strict Relaxed)" /tmp/xen
}

# device_writes N: of the words that are HOLDS by now; device_reads N.
device_writes() {
	says rc=0 d dma 1 0 $TAG && says "changed=$1" g check "$2" 0 1
}

device_reads() {
	says "rc=0 equal=$1" d dma 0 0 "$2"
}

dma_mapped() {
	offer $WRITE 8 && try 8 8 $HOST && device_reads 256 $PUBLIC &&
		device_writes 256 $PUBLIC
}

dma_read_only() {
	offer 0 8 && try 8 8 $((HOST | READ)) && device_reads 256 $PUBLIC &&
		device_writes "$(iommu 0 256)" $PUBLIC
}

# Not admitted any more: by a strict IOMMU, where there are tasks.
dma_revoked() {
	offer $1 8 && try 8 8 $2 && strike &&
		device_reads "$(either "$(iommu 0 256)" 256)" $SECRET &&
		device_writes "$3" $SECRET
}

dma_revoked_rx() {
	dma_revoked $WRITE $HOST "$(either "$(iommu 0 256)" 256)"
}

dma_revoked_tx() {
	dma_revoked 0 $((HOST | READ)) "$(iommu 0 256)"
}

dma_unmapped() {
	offer $WRITE 8 && try 8 8 $HOST && says ok=8 d unmap 0 8 &&
		device_reads "$(iommu 0 256)" $PUBLIC &&
		device_writes "$(iommu 0 256)" $PUBLIC
}

# dma_row NAME FUNCTION: pages are counted by the table's own rows.
dma_row() {
	check "$1" "$2"
	check "$1: tidied up" tidy
}

check "the IOMMU is on, $iommu for dom0" iommu_on
dma_row "a device and a mapped page" dma_mapped
dma_row "a device writes what is mapped to be read: $(iommu refused admitted)" dma_read_only
dma_row "a device after revoking RX: $(either "$(iommu refused admitted)" admitted)" dma_revoked_rx
dma_row "a device after revoking TX: $(iommu refused admitted)" dma_revoked_tx
dma_row "a device after unmapping: $(iommu refused admitted)" dma_unmapped

. /drb/iotask.sh
