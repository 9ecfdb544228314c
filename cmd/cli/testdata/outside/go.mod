module outside

go 1.26

require ctrlab v0.0.0

replace ctrlab => ../../../..
