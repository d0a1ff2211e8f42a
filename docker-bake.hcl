# Every image: docker buildx bake. TAG=1.2.3 REGISTRY=registry.example.com/team/ docker buildx bake --push
# An SBOM for each: SBOM=true docker buildx bake --push, or afterwards: syft kafka-restaurants/bank:0.1.0 -o cyclonedx-json

variable "REGISTRY" { default = "" }
variable "TAG" { default = "0.1.0" }
variable "REVISION" { default = "unknown" }
variable "SBOM" { default = false }

group "default" {
  targets = ["service", "web"]
}

target "image" {
  context = "."
  args = {
    VERSION  = TAG
    REVISION = REVISION
  }
  attest = SBOM ? ["type=sbom"] : []
}

target "service" {
  inherits   = ["image"]
  name       = service
  matrix     = { service = ["backstage", "bank", "command-queue", "dead-letters", "email", "event-bus", "eventor", "gateway", "inbox", "kitchen", "search-order", "tracking", "transaction"] }
  dockerfile = "docker/service.Dockerfile"
  args       = { SERVICE = service }
  tags       = ["${REGISTRY}kafka-restaurants/${service}:${TAG}"]
}

target "web" {
  inherits   = ["image"]
  dockerfile = "docker/web.Dockerfile"
  tags       = ["${REGISTRY}kafka-restaurants/web:${TAG}"]
}
